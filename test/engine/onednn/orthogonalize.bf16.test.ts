import { orthogonalizeTests } from './orthogonalizeTests.js';

orthogonalizeTests('bf16');
