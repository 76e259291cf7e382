import { winogradTests } from './winogradTests.js';

winogradTests('bf16');
