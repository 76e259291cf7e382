import { orthogonalizeTests } from './orthogonalizeTests.js';

orthogonalizeTests('f32');
