import { modelTests } from './modelTests.js';

modelTests('bf16', 'fast94');
