import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { CIFAR10 } from '../../dataset/cifar10';
import { imageBytes } from '../../dataset/descriptor';
import type { ViewPreset } from '../../dataset/views/index';
import { averageViews } from '../../evaluation/averageViews';
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
  const set = { dataset: CIFAR10, images, count: images.length / imageBytes(CIFAR10) };
  return (await averageViews(logitsModel(model), set, { preset, atOnce: AT_ONCE })).logits;
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
