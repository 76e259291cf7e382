import type { AugmentConfig } from './config.js';

/** The article's augmentations by name. */
export const AUGMENT_PRESETS = Object.freeze({
  none: Object.freeze<AugmentConfig>({}),
  normal: Object.freeze<AugmentConfig>({
    rotationDegrees: 20,
    heightShift: 0.2,
    widthShift: 0.2,
    zoom: [0.8, 1.2],
    channelShift: 0.2,
    horizontalFlip: 0.5,
  }),
  strong: Object.freeze<AugmentConfig>({
    rotationDegrees: 20,
    heightShift: 0.3,
    widthShift: 0.3,
    zoom: [0.7, 1.3],
    channelShift: 0.3,
    horizontalFlip: 0.5,
  }),
});

export type AugmentPreset = keyof typeof AUGMENT_PRESETS;
