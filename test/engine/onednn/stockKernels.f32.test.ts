import { stockKernelTests } from './stockKernelTests.js';

stockKernelTests('f32');
