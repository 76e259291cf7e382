import { stockKernelTests } from './stockKernelTests.js';

stockKernelTests('bf16');
