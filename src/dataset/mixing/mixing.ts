import { symmetricBeta } from '../../util/beta.js';
import { Rng, STREAM } from '../../util/rng.js';
import type { AugmentConfig } from '../augment/index.js';
import type { ImageShape } from '../descriptor.js';
import { cutmix, rectangleAround, type Rectangle } from './cutmix.js';
import { mixup } from './mixup.js';

/** How the images of one batch are mixed: in pairs, image i of n with image n − 1 − i. */
export interface Mixing {
  /** Share of each image that stays its own, and so the weight of its label, 0…1; the partner has the rest. */
  readonly weight: number;
  /** What the partners swap (cutmix); without it they are blended (mixup). */
  readonly rectangle?: Rectangle;
}

/** Whether images are mixed, so that one label an image does not describe them. */
export function mixesImages(config: AugmentConfig): boolean {
  return config.mixup !== undefined || config.cutmix !== undefined;
}

/**
 * Draws how a batch is mixed: a pure function of its arguments. The weight is of Beta(α, α); cutmix corrects it to the
 * share of pixels that stay. With both mixup and cutmix, each has half of the batches.
 * @param epoch from 0
 * @param step batch of the epoch, from 0
 * @returns undefined if the configuration mixes nothing
 */
export function drawMixing(
  config: AugmentConfig,
  seed: number,
  epoch: number,
  step: number,
  [height, width]: ImageShape,
): Mixing | undefined {
  const rng = new Rng(seed, STREAM.mix, epoch, step);
  // Before the weight, which takes a varying count of draws.
  const isHeads = rng.next() < 0.5;
  const row = rng.int(height);
  const column = rng.int(width);
  if (config.mixup !== undefined && (config.cutmix === undefined || isHeads))
    return { weight: symmetricBeta(config.mixup, rng) };
  if (config.cutmix === undefined) return undefined;
  const rectangle = rectangleAround(row, column, 1 - symmetricBeta(config.cutmix, rng), height, width);
  return { weight: 1 - (rectangle.height * rectangle.width) / (height * width), rectangle };
}

/**
 * Mixes the images of a batch in place.
 * @param images float32, NHWC with three channels
 * @param size images of the batch
 */
export function mixBatch(
  images: Float32Array,
  size: number,
  [height, width, channels]: ImageShape,
  { weight, rectangle }: Mixing,
): void {
  if (rectangle) cutmix(images, size, height, width, rectangle);
  else mixup(images, size, height * width * channels, weight);
}
