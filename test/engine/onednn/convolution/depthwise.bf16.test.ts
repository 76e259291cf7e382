import { depthwiseTests } from './depthwiseTests.js';

depthwiseTests('bf16');
