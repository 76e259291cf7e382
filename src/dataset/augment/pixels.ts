/** What each byte becomes: byte / 255 in float32. A table, since a look-up is faster than a division. */
export const PIXEL_VALUES = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Turns `length` bytes into float32 in [0, 1]. */
export function bytesToFloats(
  src: Uint8Array,
  srcOffset: number,
  dst: Float32Array,
  dstOffset: number,
  length: number,
): void {
  for (let k = 0; k < length; k++) dst[dstOffset + k] = PIXEL_VALUES[src[srcOffset + k]];
}
