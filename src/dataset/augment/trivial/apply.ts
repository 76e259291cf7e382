import { bytesToFloats } from '../pixels.js';
import { autoContrast, blend, equalize, greyOf, meanGrey, posterize, smoothed, solarize } from './colour.js';
import type { TrivialDraw } from './draw.js';
import { moveNearest, rotationMap, shearMap, shiftMap } from './geometry.js';

/**
 * Applies one operation to an image of three channels (HWC) of values that are, or are taken to the nearest, bytes over 255; in place.
 */
export type ApplyTrivial = (draw: TrivialDraw, image: Float32Array, offset: number) => void;

/** Makes the function for images of one size; its buffers are reused. */
export function createTrivial(height: number, width: number): ApplyTrivial {
  const length = height * width * 3;
  const bytes = new Uint8Array(length);
  const source = new Uint8Array(length);
  const move = (map: readonly number[]): void => moveNearest(source, bytes, height, width, map);
  const change = ({ operation, magnitude }: TrivialDraw): void => {
    switch (operation) {
      case 'identity':
        return;
      case 'shearX':
        return move(shearMap(magnitude, true, height, width));
      case 'shearY':
        return move(shearMap(magnitude, false, height, width));
      case 'translateX':
        return move(shiftMap(Math.trunc(magnitude), 0));
      case 'translateY':
        return move(shiftMap(0, Math.trunc(magnitude)));
      case 'rotate':
        return move(rotationMap(magnitude));
      case 'brightness':
        return blend(bytes, 1 + magnitude, () => 0);
      case 'color':
        return blend(bytes, 1 + magnitude, (k) => greyOf(source, k - (k % 3)));
      case 'contrast': {
        const mean = meanGrey(source);
        return blend(bytes, 1 + magnitude, () => mean);
      }
      case 'sharpness':
        return blend(bytes, 1 + magnitude, (k) => smoothed(source, k, height, width));
      case 'posterize':
        return posterize(bytes, magnitude);
      case 'solarize':
        return solarize(bytes, magnitude);
      case 'autoContrast':
        return autoContrast(bytes);
      case 'equalize':
        return equalize(bytes);
    }
  };
  return (draw, image, offset) => {
    if (draw.operation === 'identity') return;
    for (let k = 0; k < length; k++) {
      bytes[k] = Math.max(0, Math.min(255, Math.round(image[offset + k] * 255)));
    }
    source.set(bytes);
    change(draw);
    bytesToFloats(bytes, 0, image, offset, length);
  };
}
