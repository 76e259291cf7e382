import { layerTests } from './layerTests.js';

layerTests('bf16');
