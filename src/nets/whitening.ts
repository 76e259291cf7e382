import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { whiteningFilters } from '../nn/whitening.js';
import { WHITENING } from './fast.js';
import { setWeight } from './fastInit.js';
import { IMAGE_SHAPE } from './stack.js';

/** Images that the recipes take the statistics of patches from. */
const IMAGES = 5000;

export function hasWhitening(model: LayersModel): boolean {
  return model.layers.some(({ name }) => name === WHITENING);
}

/**
 * Gives a fast net its whitening filters, from the first 5,000 images (or as many as there are), normalised as the net does it.
 * @param images uint8, count × 32 × 32 × 3
 */
export function setWhitening(model: LayersModel, images: Uint8Array): void {
  const layer = model.getLayer(WHITENING);
  const size = IMAGE_SHAPE.reduce((product, n) => product * n, 1);
  const pixels = images.subarray(0, IMAGES * size);
  const normalised = tidy(() => {
    const scaled = Float32Array.from(pixels, (value) => value / 255);
    const images = tensor(scaled, [pixels.length / size, ...IMAGE_SHAPE]);
    return (model.getLayer('normalize').apply(images) as Tensor).dataSync<'float32'>();
  });
  const filters = layer.weights.filter(({ trainable }) => !trainable);
  setWeight(filters[0], whiteningFilters(normalised, IMAGE_SHAPE));
}
