import { UsageError } from '../../util/errors.js';
import { didYouMean } from '../../util/suggest.js';
import { shown } from '../../util/text.js';

/**
 * What may happen to a training image; a setting that is absent does nothing. Whatever the order of the keys, the
 * transforms run in one order: translation, affine warp (rotation · shift · zoom), channel shift, flip, TrivialAugment, brightness
 * and contrast, cutout, and on the batch mixup or cutmix. Warp, channel shift and `horizontalFlip` have the meaning that Keras's ImageDataGenerator
 * gives them.
 */
export interface AugmentConfig {
  /** Largest rotation either way about the image centre, degrees, 0…180; the angle is uniform. */
  rotationDegrees?: number;
  /** Largest vertical shift either way as a fraction of the height, [0, 1); uniform, not rounded to pixels. */
  heightShift?: number;
  /** Largest horizontal shift either way as a fraction of the width, [0, 1); uniform, not rounded to pixels. */
  widthShift?: number;
  /** Lowest and highest zoom factor, 0.1…10; drawn for each axis by itself. Above 1 the content shrinks. */
  zoom?: readonly [low: number, high: number];
  /** Largest amount added to all values of the image, on the scale where white is 1, 0…1. */
  channelShift?: number;
  /** Probability of a left-right flip, 0…1. */
  horizontalFlip?: number;
  /**
   * Mirrors a fixed half of the images in even epochs (the first is 0) and the other half in odd ones, so that any two
   * epochs in a row show every image from both sides. Not together with `horizontalFlip`.
   */
  alternatingFlip?: true;
  /** Largest shift either way along each axis, whole pixels, 0…16; the border is reflected. */
  translate?: number;
  /**
   * TrivialAugment (Müller and Hutter 2021, the wide ranges): one operation of fourteen (shears, shifts, rotation, brightness, colour, contrast,
   * sharpness, posterize, solarize, auto-contrast, equalize, nothing), drawn with its strength for each image.
   */
  trivial?: true;
  /** Largest amount added to all values of the image, in deviations of each channel over the training images, 0…10. */
  brightness?: number;
  /** Largest change of contrast: distances from the channels' means are multiplied by 1 ± up to this much, 0…1. */
  contrast?: number;
  /** Side of a square anywhere inside the image that takes the mean colour of the training images, pixels, 1…32. */
  cutout?: number;
  /** α of the Beta(α, α) by which pairs of a batch and their labels are blended, (0, 10]. */
  mixup?: number;
  /**
   * α of the Beta(α, α) that is the share of pixels which pairs of a batch keep when they swap a rectangle, (0, 10];
   * with `mixup`, each has half of the batches.
   */
  cutmix?: number;
}

type Settings = Required<AugmentConfig>;
type Key = keyof AugmentConfig;

interface Field<T> {
  /** What a valid value is, in words that follow "expected". */
  readonly expected: string;
  /** The value if it is valid. */
  read(value: unknown): T | undefined;
  /** The setting in one phrase. */
  describe(value: T): string;
}

function number(low: number, high: number, describe: (value: number) => string, open = false): Field<number> {
  return {
    expected: open ? `a number from ${low} to below ${high}` : `a number from ${low} to ${high}`,
    read: (value) =>
      typeof value === 'number' && value >= low && (open ? value < high : value <= high) ? value : undefined,
    describe,
  };
}

function integer(low: number, high: number, describe: (value: number) => string): Field<number> {
  return {
    expected: `a whole number from ${low} to ${high}`,
    read: (value) =>
      Number.isInteger(value) && (value as number) >= low && (value as number) <= high
        ? (value as number)
        : undefined,
    describe,
  };
}

/** A setting that is on, or absent. */
function flag(phrase: string): Field<true> {
  return {
    expected: 'true',
    read: (value) => (value === true ? value : undefined),
    describe: () => phrase,
  };
}

const ALPHA_MAX = 10;

function alpha(name: string): Field<number> {
  return {
    expected: `a number above 0 and up to ${ALPHA_MAX}`,
    read: (value) => (typeof value === 'number' && value > 0 && value <= ALPHA_MAX ? value : undefined),
    describe: (value) => `${name} α = ${value}`,
  };
}

const ZOOM_MIN = 0.1;
const ZOOM_MAX = 10;

const FIELDS: { readonly [K in Key]: Field<Settings[K]> } = {
  rotationDegrees: number(0, 180, (value) => `rotation ±${value}°`),
  // Keras reads 1 and more as pixels; that second meaning is refused.
  heightShift: number(0, 1, (value) => `vertical shift ±${value} of the height`, true),
  widthShift: number(0, 1, (value) => `horizontal shift ±${value} of the width`, true),
  zoom: {
    expected: `a pair [low, high] of numbers from ${ZOOM_MIN} to ${ZOOM_MAX}, low not above high`,
    read: (value) => {
      if (!Array.isArray(value) || value.length !== 2) return undefined;
      const [low, high] = value as unknown[];
      if (typeof low !== 'number' || typeof high !== 'number') return undefined;
      return low >= ZOOM_MIN && high <= ZOOM_MAX && low <= high ? [low, high] : undefined;
    },
    describe: ([low, high]) => `zoom ${low}–${high} by axis`,
  },
  channelShift: number(0, 1, (value) => `channel shift ±${value}`),
  horizontalFlip: number(0, 1, (value) => `horizontal flip p = ${value}`),
  alternatingFlip: flag('mirrored every other epoch'),
  translate: integer(0, 16, (value) => `translation by up to ${value} pixels`),
  trivial: flag('one operation of TrivialAugment'),
  brightness: number(0, 10, (value) => `brightness ±${value} deviations`),
  contrast: number(0, 1, (value) => `contrast ±${value}`),
  cutout: integer(1, 32, (value) => `cutout ${value}×${value}`),
  mixup: alpha('mixup'),
  cutmix: alpha('cutmix'),
};

const KEYS = Object.keys(FIELDS) as Key[];

function isKey(key: string): key is Key {
  return key in FIELDS && Object.hasOwn(FIELDS, key);
}

function readField<K extends Key>(config: Partial<Settings>, key: K, value: unknown, where: string): void {
  const field: Field<Settings[K]> = FIELDS[key];
  const setting = field.read(value);
  if (setting === undefined) {
    throw new UsageError(
      `${where}: "${key}" must be ${field.expected}, but is ${shown(value)}. Correct it or leave it out.`,
    );
  }
  config[key] = setting;
}

/**
 * Checks that a parsed value (of a JSON or YAML file) is an augmentation and returns it frozen.
 * @param where names the source of the value in error messages
 * @throws UsageError on anything but an object, on unknown keys, on values out of range and on two ways to flip
 */
export function parseAugment(value: unknown, where: string): AugmentConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const came = Array.isArray(value) ? 'an array' : shown(value);
    throw new UsageError(
      `${where}: an augmentation must be an object such as {"rotationDegrees": 20, "horizontalFlip": 0.5}, but is ${came}.`,
    );
  }
  const config: Partial<Settings> = {};
  for (const [key, setting] of Object.entries(value)) {
    if (!isKey(key)) {
      throw new UsageError(
        `${where}: unknown augmentation setting ${shown(key)}.${didYouMean(key, KEYS)} Known are ${KEYS.join(', ')}.`,
      );
    }
    readField(config, key, setting, where);
  }
  if (config.alternatingFlip && config.horizontalFlip !== undefined) {
    throw new UsageError(
      `${where}: "horizontalFlip" and "alternatingFlip" are two ways to mirror an image. Leave one of them out.`,
    );
  }
  return Object.freeze(config);
}

/** One line that says what a configuration does; `none` if nothing. */
export function describeAugment(config: AugmentConfig): string {
  const phrase = <K extends Key>(key: K): string[] => {
    const setting = config[key] as Settings[K] | undefined;
    return setting === undefined ? [] : [FIELDS[key].describe(setting)];
  };
  return KEYS.flatMap((key) => phrase(key)).join(', ') || 'none';
}
