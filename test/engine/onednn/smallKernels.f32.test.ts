import { smallKernelTests } from './smallKernelTests.js';

smallKernelTests('f32');
