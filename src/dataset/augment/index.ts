/** Image augmentation: Keras's ImageDataGenerator, and the light transforms of fast recipes. */
export { createAugmenter, type Augmenter, type AugmenterSettings } from './augmenter.js';
export { describeAugment, parseAugment, type AugmentConfig } from './config.js';
export { loadAugment } from './load.js';
export { identityParameters, sampleParameters, type AugmentParameters } from './parameters.js';
export { AUGMENT_PRESETS, isAugmentPreset, type AugmentPreset } from './presets.js';
