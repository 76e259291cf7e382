import { depthwiseTests } from './depthwiseTests.js';

depthwiseTests('f32');
