import type { ChannelStatistics } from '../normalize.js';

/**
 * What each byte of each of the three channels becomes: byte / 255 in float32, then normalised if asked for.
 * @returns 3 × 256 values, channel by channel
 */
export function pixelTable(normalization?: ChannelStatistics): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let k = 0; k < table.length; k++) table[k] = (k % 256) / 255;
  if (normalization) {
    for (let k = 0; k < table.length; k++) {
      const channel = k >> 8;
      table[k] = (table[k] - normalization.means[channel]) / normalization.deviations[channel];
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

/** Normalises an image of three channels (HWC) in place: v becomes (v − mean) / deviation. */
export function normalizeImage(
  image: Float32Array,
  offset: number,
  length: number,
  { means, deviations }: ChannelStatistics,
): void {
  const [mean0, mean1, mean2] = means;
  const [deviation0, deviation1, deviation2] = deviations;
  for (let k = offset; k < offset + length; k += 3) {
    image[k] = (image[k] - mean0) / deviation0;
    image[k + 1] = (image[k + 1] - mean1) / deviation1;
    image[k + 2] = (image[k + 2] - mean2) / deviation2;
  }
}
