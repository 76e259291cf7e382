import { smallKernelTests } from './smallKernelTests.js';

smallKernelTests('bf16');
