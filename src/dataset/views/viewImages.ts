import { horizontalFlip } from '../augment/horizontalFlip.js';
import { windowToFloats } from '../augment/windowToFloats.js';
import { type Dataset, imageBytes } from '../descriptor.js';

/**
 * One way to look at an image: through a window of its size that is moved over it and reflected beyond its border
 * (without repeating the edge pixel), then mirrored or not. (−1, −1) is the crop at (0, 0) of the image padded by 1.
 */
export interface View {
  /** Mirrored left to right, after the move. */
  readonly flip: boolean;
  /** Whole pixels that the window is moved down by, so that the content moves up; less than the height either way. */
  readonly dy: number;
  /** Whole pixels that the window is moved right by, so that the content moves left; less than the width either way. */
  readonly dx: number;
}

/**
 * A view of images: pixel (i, j) is the image's (i + dy, j + dx), and under `flip` that of the mirrored column.
 * @param dataset that the images are of
 * @param images the whole set, uint8, NHWC, n × height × width × 3
 * @param indices images to view, in the order wanted
 * @param dst float32, NHWC in [0, 1], filled from its beginning; at least indices × height × width × 3
 * @throws RangeError on a move that is not of whole pixels less than a side, on an index outside the set, and if dst is
 *   too short
 */
export function viewImages(
  dataset: Pick<Dataset, 'imageShape'>,
  images: Uint8Array,
  indices: ArrayLike<number>,
  { flip, dy, dx }: View,
  dst: Float32Array,
): void {
  const [height, width] = dataset.imageShape;
  const size = imageBytes(dataset);
  for (const [move, side] of [
    [dy, height],
    [dx, width],
  ]) {
    if (!Number.isInteger(move) || Math.abs(move) >= side)
      throw new RangeError(
        `A view must be moved by whole pixels from ${1 - side} to ${side - 1}, but is by ${move}.`,
      );
  }
  if (dst.length < indices.length * size)
    throw new RangeError(
      `${indices.length} views need ${indices.length * size} values, but there is room for ${dst.length}.`,
    );
  const count = images.length / size;
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k];
    if (!(index >= 0 && index < count))
      throw new RangeError(`There is no image ${index} to view: the set has ${count}.`);
    const start = k * size;
    windowToFloats(images, index * size, dst, start, height, width, dy, dx);
    if (flip) horizontalFlip(dst, start, height, width);
  }
}
