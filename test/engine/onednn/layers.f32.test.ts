import { layerTests } from './layerTests.js';

layerTests('f32');
