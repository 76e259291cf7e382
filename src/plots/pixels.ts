import { CifarError } from '../util/errors.js';

/** Images of one size: NHWC, three channels; bytes, or floating-point numbers of 0…1. */
export interface ImageSet {
  pixels: Uint8Array | Float32Array;
  /** Number of images. */
  count: number;
  height: number;
  width: number;
}

/** @throws CifarError if the pixels do not fit the sizes, or there is no such image */
export function checkImages(images: ImageSet, index: number): void {
  const { pixels, count, height, width } = images;
  if (pixels.length !== count * height * width * 3) {
    throw new CifarError(
      `Expected ${count}×${height}×${width}×3 values (images, height, width, colours), got ${pixels.length}.`,
    );
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new CifarError(`Expected the number of an image from 0 to ${count - 1}, got ${index}.`);
  }
}

/** Where an image goes: into the RGB bytes of a larger one, `width` pixels wide, each pixel as a square of side `zoom`. */
export interface Target {
  rgb: Uint8Array;
  width: number;
  left: number;
  top: number;
  zoom: number;
}

/** Draws an image enlarged without smoothing. Floating-point values outside 0…1 are drawn as the nearer end. */
export function drawImage(images: ImageSet, index: number, target: Target): void {
  const { pixels, height, width } = images;
  const isFloat = pixels instanceof Float32Array;
  const start = index * height * width * 3;
  for (let y = 0; y < height * target.zoom; y++) {
    const row = start + Math.floor(y / target.zoom) * width * 3;
    let out = ((target.top + y) * target.width + target.left) * 3;
    for (let x = 0; x < width * target.zoom; x++) {
      const src = row + Math.floor(x / target.zoom) * 3;
      for (let c = 0; c < 3; c++) {
        const value = pixels[src + c];
        target.rgb[out++] = isFloat ? Math.round(255 * Math.min(1, Math.max(0, value))) : value;
      }
    }
  }
}
