import { horizontalFlip } from '../augment/horizontalFlip.js';
import { windowToFloats } from '../augment/windowToFloats.js';
import { IMAGE_BYTES, IMAGE_SIDE } from '../imageSet.js';

/**
 * One way to look at an image: through a window of its size that is moved over it and reflected beyond its border
 * (without repeating the edge pixel), then mirrored or not. (−1, −1) is the crop at (0, 0) of the image padded by 1.
 */
export interface View {
  /** Mirrored left to right, after the move. */
  readonly flip: boolean;
  /** Whole pixels that the window is moved down by, so that the content moves up; −31…31. */
  readonly dy: number;
  /** Whole pixels that the window is moved right by, so that the content moves left; −31…31. */
  readonly dx: number;
}

/**
 * A view of images: pixel (i, j) is the image's (i + dy, j + dx), and under `flip` that of column 31 − j.
 * @param images the whole set, uint8, NHWC, n × 32 × 32 × 3
 * @param indices images to view, in the order wanted
 * @param dst float32, NHWC in [0, 1], filled from its beginning; at least indices × 32 × 32 × 3
 * @throws RangeError on a move that is not of whole pixels less than 32, on an index outside the set, and if dst is
 *   too short
 */
export function viewImages(
  images: Uint8Array,
  indices: ArrayLike<number>,
  { flip, dy, dx }: View,
  dst: Float32Array,
): void {
  for (const move of [dy, dx]) {
    if (!Number.isInteger(move) || Math.abs(move) >= IMAGE_SIDE)
      throw new RangeError(
        `A view must be moved by whole pixels from ${1 - IMAGE_SIDE} to ${IMAGE_SIDE - 1}, but is by ${move}.`,
      );
  }
  if (dst.length < indices.length * IMAGE_BYTES)
    throw new RangeError(
      `${indices.length} views need ${indices.length * IMAGE_BYTES} values, but there is room for ${dst.length}.`,
    );
  const count = images.length / IMAGE_BYTES;
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k];
    if (!(index >= 0 && index < count))
      throw new RangeError(`There is no image ${index} to view: the set has ${count}.`);
    const start = k * IMAGE_BYTES;
    windowToFloats(images, index * IMAGE_BYTES, dst, start, IMAGE_SIDE, IMAGE_SIDE, dy, dx);
    if (flip) horizontalFlip(dst, start, IMAGE_SIDE, IMAGE_SIDE);
  }
}
