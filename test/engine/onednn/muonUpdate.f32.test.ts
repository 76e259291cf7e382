import { muonUpdateTests } from './muonUpdateTests.js';

muonUpdateTests('f32');
