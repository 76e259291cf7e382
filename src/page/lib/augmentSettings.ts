import type { AugmentConfig } from '../../dataset/augment/config';

/** A setting of the augmentation as a slider has it: 0 (or the least) leaves it out. */
export interface Setting {
  label: string;
  /** Largest value, step, and the unit after a value. */
  most: number;
  step: number;
  unit: string;
  get(config: AugmentConfig): number;
  set(config: AugmentConfig, value: number): AugmentConfig;
}

type NumberKey = {
  [K in keyof AugmentConfig]-?: AugmentConfig[K] extends number | undefined ? K : never;
}[keyof AugmentConfig];

function without(config: AugmentConfig, key: keyof AugmentConfig): AugmentConfig {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== key));
}

function slider(key: NumberKey, label: string, most: number, step: number, unit = ''): Setting {
  return {
    ...{ label, most, step, unit },
    get: (config) => config[key] ?? 0,
    set: (config, value) => (value === 0 ? without(config, key) : { ...config, [key]: value }),
  };
}

/** Zoom is two numbers, and slides as what lies around 1: 0.2 is 0.8 to 1.2. */
const zoom: Setting = {
  ...{ label: 'Zoom, by axis ±', most: 0.8, step: 0.05, unit: '' },
  get: ({ zoom: range }) => (range === undefined ? 0 : Number((range[1] - 1).toFixed(2))),
  set: (config, value) =>
    value === 0
      ? without(config, 'zoom')
      : { ...config, zoom: [Number((1 - value).toFixed(2)), Number((1 + value).toFixed(2))] },
};

export const SLIDERS: readonly Setting[] = [
  slider('rotationDegrees', 'Rotation ±', 180, 1, '°'),
  slider('heightShift', 'Vertical shift ±', 0.95, 0.05),
  slider('widthShift', 'Horizontal shift ±', 0.95, 0.05),
  zoom,
  slider('channelShift', 'Channel shift ±', 1, 0.05),
  slider('horizontalFlip', 'Mirrored, probability', 1, 0.05),
  slider('translate', 'Translation ±', 16, 1, ' px'),
  slider('brightness', 'Brightness ±', 2, 0.02, ' deviations'),
  slider('contrast', 'Contrast ±', 1, 0.02),
  slider('cutout', 'Cutout', 32, 1, ' px'),
  slider('mixup', 'Mixup α', 2, 0.1),
  slider('cutmix', 'CutMix α', 2, 0.1),
];

export interface Switch {
  label: string;
  key: 'alternatingFlip' | 'trivial';
}

export const SWITCHES: readonly Switch[] = [
  { key: 'alternatingFlip', label: 'Mirrored every other epoch' },
  { key: 'trivial', label: 'One operation of TrivialAugment' },
];

export function switched(config: AugmentConfig, key: Switch['key'], isOn: boolean): AugmentConfig {
  return isOn ? { ...config, [key]: true } : without(config, key);
}
