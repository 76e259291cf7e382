/** Means and standard deviations by channel, on the scale where white is 1; a value v becomes (v − mean) / std. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * What each byte of each of the three channels becomes: byte / 255 in float32, then normalised if asked for.
 * @returns 3 × 256 values, channel by channel
 */
export function pixelTable(normalization?: Normalization): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let k = 0; k < table.length; k++) table[k] = (k % 256) / 255;
  if (normalization) {
    for (let k = 0; k < table.length; k++) {
      const channel = k >> 8;
      table[k] = (table[k] - normalization.mean[channel]) / normalization.std[channel];
    }
  }
  return table;
}

/**
 * Turns the bytes of images with three channels (HWC) into float32 by a table.
 * @param length elements to turn, a multiple of 3
 * @param table see `pixelTable`
 */
export function bytesToFloats(
  src: Uint8Array,
  srcOffset: number,
  dst: Float32Array,
  dstOffset: number,
  length: number,
  table: Float32Array,
): void {
  for (let k = 0; k < length; k += 3) {
    dst[dstOffset + k] = table[src[srcOffset + k]];
    dst[dstOffset + k + 1] = table[256 + src[srcOffset + k + 1]];
    dst[dstOffset + k + 2] = table[512 + src[srcOffset + k + 2]];
  }
}

/** Normalises an image of three channels (HWC) in place. */
export function normalizeImage(
  image: Float32Array,
  offset: number,
  length: number,
  { mean, std }: Normalization,
): void {
  const [mean0, mean1, mean2] = mean;
  const [std0, std1, std2] = std;
  for (let k = offset; k < offset + length; k += 3) {
    image[k] = (image[k] - mean0) / std0;
    image[k + 1] = (image[k + 1] - mean1) / std1;
    image[k + 2] = (image[k + 2] - mean2) / std2;
  }
}
