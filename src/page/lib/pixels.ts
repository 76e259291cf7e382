import type { SiteInfo } from '../../report/types';

/** Bytes of an image. */
export function imageSize({ dataset: { imageShape } }: Pick<SiteInfo, 'dataset'>): number {
  return imageShape[0] * imageShape[1] * imageShape[2];
}

/** Red, green and blue, a byte each, as a canvas takes them. */
export function toImageData(rgb: ArrayLike<number>, width: number, height: number): ImageData {
  const data = new ImageData(width, height);
  for (let p = 0; p < width * height; p++) {
    data.data[4 * p] = rgb[3 * p];
    data.data[4 * p + 1] = rgb[3 * p + 1];
    data.data[4 * p + 2] = rgb[3 * p + 2];
    data.data[4 * p + 3] = 255;
  }
  return data;
}

/** What a screen shows of values from 0 to 1. */
export function toBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
}
