import { PIXEL_VALUES } from './pixels.js';

/**
 * Turns the bytes of an image of three channels (HWC) into float32 in [0, 1], seen through a window of the image's
 * size that is moved over it: value (i, j) is the image's (i + rows, j + columns). Outside, the image is reflected
 * without its edge pixel: the mode `reflect` of torch and NumPy.
 *
 * @param rows whole pixels that the window is moved down by, so that the content moves up; less than the height either way
 * @param columns whole pixels that it is moved right by; less than the width either way
 */
export function windowToFloats(
  src: Uint8Array,
  srcOffset: number,
  dst: Float32Array,
  dstOffset: number,
  height: number,
  width: number,
  rows: number,
  columns: number,
): void {
  const lastRow = height - 1;
  const lastColumn = width - 1;
  let out = dstOffset;
  for (let i = rows; i < height + rows; i++) {
    const row = i < 0 ? -i : i > lastRow ? 2 * lastRow - i : i;
    const start = srcOffset + row * width * 3;
    for (let j = columns; j < width + columns; j++) {
      const column = j < 0 ? -j : j > lastColumn ? 2 * lastColumn - j : j;
      const pixel = start + column * 3;
      dst[out] = PIXEL_VALUES[src[pixel]];
      dst[out + 1] = PIXEL_VALUES[src[pixel + 1]];
      dst[out + 2] = PIXEL_VALUES[src[pixel + 2]];
      out += 3;
    }
  }
}
