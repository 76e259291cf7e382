import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

/**
 * Encodes pixels as the content of a PNG file, 8 bits a channel, without transparency.
 * @param rgb height×width×3 bytes, row-major
 */
export function encodePng(rgb: Uint8Array, width: number, height: number): Uint8Array {
  if (rgb.length !== width * height * 3) {
    throw new Error(`Expected ${height}×${width}×3 bytes, got ${rgb.length}.`);
  }
  const png = new PNG({ width, height });
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) {
    png.data[j] = rgb[i];
    png.data[j + 1] = rgb[i + 1];
    png.data[j + 2] = rgb[i + 2];
    png.data[j + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** Length of a PNG's signature and of the chunk that comes first, IHDR. */
const AFTER_HEADER = 8 + 25;
const KEYWORD = 'Software\0';

/** A PNG that says what program made it. */
export function markPng(png: Uint8Array, program: string): Uint8Array {
  const body = Buffer.from(`tEXt${KEYWORD}${program}`, 'latin1');
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return Buffer.concat([png.subarray(0, AFTER_HEADER), chunk, png.subarray(AFTER_HEADER)]);
}

/** The program that a PNG says it was made by, if `markPng` has written that. */
export function pngMark(png: Buffer): string | undefined {
  const type = AFTER_HEADER + 4;
  if (png.toString('latin1', type, type + 4 + KEYWORD.length) !== `tEXt${KEYWORD}`) return undefined;
  const length = png.readUInt32BE(AFTER_HEADER);
  return png.toString('latin1', type + 4 + KEYWORD.length, type + 4 + length);
}
