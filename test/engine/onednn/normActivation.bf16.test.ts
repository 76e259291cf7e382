import { normActivationTests } from './normActivationTests.js';

normActivationTests('bf16');
