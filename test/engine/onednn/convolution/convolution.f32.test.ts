import { convolutionTests } from './convolutionTests.js';

convolutionTests('f32');
