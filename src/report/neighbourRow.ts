import { NEIGHBOURS } from './types.js';

/**
 * The training images that are most like a test image, the likest first.
 * @param bytes for each test image NEIGHBOURS numbers of 16 bits, the lower byte first
 * @returns nothing for an image that was not looked at
 */
export function neighbourRow(bytes: Uint8Array, test: number): number[] {
  const start = test * NEIGHBOURS * 2;
  if (start + NEIGHBOURS * 2 > bytes.length) return [];
  const row = new DataView(bytes.buffer, bytes.byteOffset + start, NEIGHBOURS * 2);
  return Array.from({ length: NEIGHBOURS }, (_, i) => row.getUint16(2 * i, true));
}
