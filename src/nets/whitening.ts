import type { LayersModel } from '@tensorflow/tfjs-layers';
import { whiteningFilters } from '../nn/whitening.js';
import { WHITENING } from './fast.js';
import { setWeight } from './fastInit.js';

/** Images that the recipes take the statistics of patches from. */
const IMAGES = 5000;

export function hasWhitening(model: LayersModel): boolean {
  return model.layers.some(({ name }) => name === WHITENING);
}

/**
 * Gives a fast net its whitening filters, from the first 5,000 images (or as many as there are), normalised as the net does it.
 * @param images uint8, count × the shape of the model's images
 */
export async function setWhitening(model: LayersModel, images: Uint8Array): Promise<void> {
  const layer = model.getLayer(WHITENING);
  const imageShape = model.inputs[0].shape.slice(1) as [number, number, number];
  const size = imageShape.reduce((product, n) => product * n, 1);
  const pixels = images.subarray(0, IMAGES * size);
  const [means, variances] = model.getLayer('normalize').getWeights();
  const normalised = normalise(pixels, await means.data(), await variances.data());
  const filters = layer.weights.filter(({ trainable }) => !trainable);
  setWeight(filters[0], whiteningFilters(normalised, imageShape));
}

/** In plain numbers: engines that broadcast slowly would take seconds. */
function normalise(pixels: Uint8Array, means: ArrayLike<number>, variances: ArrayLike<number>): Float32Array {
  const normalised = new Float32Array(pixels.length);
  const factors = Array.from(variances, (variance) => 1 / Math.sqrt(variance));
  for (let i = 0; i < pixels.length; i++) {
    const channel = i % means.length;
    normalised[i] = (pixels[i] / 255 - means[channel]) * factors[channel];
  }
  return normalised;
}
