import type { AugmentConfig } from './config.js';

/** Per image, on normalised values. */
const JITTER: AugmentConfig = { brightness: 0.1399, contrast: 0.1308 };

/** Augmentations by name: the article's three, and the light ones of recipes that train in a few epochs. */
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
  fast: Object.freeze<AugmentConfig>({ alternatingFlip: true, translate: 2 }),
  'fast-jitter': Object.freeze<AugmentConfig>({ alternatingFlip: true, translate: 2, ...JITTER }),
  trivial: Object.freeze<AugmentConfig>({ horizontalFlip: 0.5, translate: 4, trivial: true }),
  fast4: Object.freeze<AugmentConfig>({ alternatingFlip: true, translate: 4 }),
  'fast4-jitter': Object.freeze<AugmentConfig>({ alternatingFlip: true, translate: 4, ...JITTER }),
  'fast4-cutout': Object.freeze<AugmentConfig>({ alternatingFlip: true, translate: 4, cutout: 12 }),
});

export type AugmentPreset = keyof typeof AUGMENT_PRESETS;

/** Whether an augmentation is named by a preset; else it is a file's path. */
export function isAugmentPreset(augment: string): boolean {
  return Object.hasOwn(AUGMENT_PRESETS, augment);
}
