import { convolutionTests } from './convolutionTests.js';

convolutionTests('bf16');
