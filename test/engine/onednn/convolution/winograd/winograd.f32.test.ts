import { winogradTests } from './winogradTests.js';

winogradTests('f32');
