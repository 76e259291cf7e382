import { muonUpdateTests } from './muonUpdateTests.js';

muonUpdateTests('bf16');
