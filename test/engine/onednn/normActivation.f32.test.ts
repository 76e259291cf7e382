import { normActivationTests } from './normActivationTests.js';

normActivationTests('f32');
