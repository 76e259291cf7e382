import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { CIFAR10 } from '../../dataset/cifar10';
import { imageBytes } from '../../dataset/descriptor';
import { VIEW_PRESETS, type ViewPreset, viewImages } from '../../dataset/views/index';
import { softmaxRows } from '../../evaluation/metrics';
import { atTemperature } from '../../evaluation/temperature';
import { logitsModel } from '../../nets/logits';
import { scaleLogits } from '../../nets/scaleLogits';

/** Images computed at once: a browser's memory is small. */
const AT_ONCE = 50;

/** Opens a saved model; a temperature that an export has put into its weights is taken out, since what asks for answers gives its own. */
export async function openSavedModel(url: string): Promise<LayersModel> {
  const model = await loadLayersModel(url);
  const metadata = (model.getUserDefinedMetadata() ?? {}) as { foldedTemperature?: unknown };
  if (typeof metadata.foldedTemperature === 'number') scaleLogits(model, metadata.foldedTemperature);
  return model;
}

/**
 * A model's logits, the mean of a preset's views of each image.
 * @param images n × height × width × 3 bytes
 * @returns n × classes, row-major
 */
export async function viewLogits(
  model: LayersModel,
  images: Uint8Array,
  preset: ViewPreset,
): Promise<Float32Array> {
  const logits = logitsModel(model);
  const size = imageBytes(CIFAR10);
  const count = images.length / size;
  const classes = logits.outputs[0].shape[1] as number;
  const sums = new Float64Array(count * classes);
  for (const { view, weight } of VIEW_PRESETS[preset]) {
    for (let start = 0; start < count; start += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, i) => start + i);
      const pixels = new Float32Array(numbers.length * size);
      viewImages(CIFAR10, images, numbers, view, pixels);
      const shape = [numbers.length, ...CIFAR10.imageShape] as [number, number, number, number];
      const result = tf.tidy(() => logits.apply(tf.tensor4d(pixels, shape)) as tf.Tensor);
      const values = await result.data();
      result.dispose();
      for (let i = 0; i < values.length; i++) sums[start * classes + i] += weight * values[i];
    }
  }
  return Float32Array.from(sums);
}

/** Calibrated probabilities, n × classes. */
export async function classify(
  model: LayersModel,
  images: Uint8Array,
  preset: ViewPreset,
  temperature: number,
): Promise<Float32Array> {
  const logits = await viewLogits(model, images, preset);
  return softmaxRows(atTemperature(logits, temperature), CIFAR10.classNames.length);
}
