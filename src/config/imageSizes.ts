import { UsageError } from '../util/errors.js';
import { ROUNDING, wholeEpochs } from './wholeEpochs.js';

/** `--image-sizes` of a run whose images are as large as the data set's throughout. */
export const FULL_SIZE = 'full';

/** `24,28@0.33,32@0.66`: 24 pixels first, 28 from a third of training on, 32 from two thirds on. */
export const SIZE_LIST = /^\d{1,3}(,\d{1,3}@\d?\.?\d{1,9})+$/;

/** Below this a map of the fast nets has no pixel left. */
const SMALLEST = 12;

/** Of a run's options. */
interface Sized {
  imageSizes: string;
}

/** A side in pixels, and the share of training from which on images have it. */
interface Part {
  readonly side: number;
  readonly from: number;
}

function partsOf(imageSizes: string): Part[] {
  if (imageSizes === FULL_SIZE) return [];
  return imageSizes.split(',').map((part) => {
    const [side, from = 0] = part.split('@').map(Number);
    return { side, from };
  });
}

/**
 * Sides of the square images of a run's first epochs, in pixels: of each the one that it begins with, undefined where that is the full one. The
 * last epoch is at full size, however short the training, and so are those that are not in the list.
 */
export function smallSizes({ imageSizes, epochs }: Sized & { epochs: number }): (number | undefined)[] {
  const parts = partsOf(imageSizes);
  const full = parts.at(-1)?.side;
  const count = parts.length === 0 ? 0 : wholeEpochs(epochs) - 1;
  const sides = Array.from({ length: count }, (_, epoch) => {
    const side = parts.findLast(({ from }) => epoch / epochs >= from - ROUNDING)?.side;
    return side === full ? undefined : side;
  });
  while (sides.length > 0 && sides.at(-1) === undefined) sides.pop();
  return sides;
}

/**
 * Whether a list fits the images of a data set.
 * @param full side of the data set's images, pixels
 * @throws UsageError on sides that are not from 12 pixels to the full one, a last one that is not the full one, and shares that do not rise
 */
export function checkImageSizes({ imageSizes }: Sized, full: number): void {
  const parts = partsOf(imageSizes);
  const refuse = (expected: string, got: number | undefined): UsageError =>
    new UsageError(`--image-sizes: expected ${expected}, got ${got} in ${imageSizes}.`);
  parts.forEach(({ side, from }, i) => {
    if (side < SMALLEST || side > full) throw refuse(`sizes from ${SMALLEST} to ${full} pixels`, side);
    if (i > 0 && (from <= parts[i - 1].from || from >= 1))
      throw refuse('shares of training that rise, all below 1', from);
  });
  const last = parts.at(-1)?.side ?? full;
  // Batch normalisation's statistics, and what the filters look for, belong to the size that was trained on last.
  if (last !== full) throw refuse(`${full} pixels, the size that a net is judged on, at the end`, last);
}
