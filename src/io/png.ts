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
