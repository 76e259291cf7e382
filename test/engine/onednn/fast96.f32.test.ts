import { modelTests } from './modelTests.js';

modelTests('f32', 'fast96');
