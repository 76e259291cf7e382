import { io, tensor } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../../dataset/descriptor.js';
import { classifierOf } from '../../nets/ownNet.js';
import { CifarError, messageOf } from '../../util/errors.js';
import type { KerasFile } from './kerasFile.js';
import type { InputRange } from './ranges.js';
import { tfjsTopology } from './topology.js';

/**
 * A Keras model as one of tfjs that takes numbers from 0 to 1 and gives probabilities.
 * @param path of its file, for messages
 * @throws CifarError naming the layer, and the setting or weight, that is not understood
 */
export async function buildKeras(
  file: KerasFile,
  range: InputRange,
  path: string,
  { imageShape, classNames }: Dataset,
): Promise<LayersModel> {
  const refuse = (reason: string, cause?: unknown): CifarError =>
    new CifarError(`${path}: ${reason}.`, { cause });
  const topology = { model_config: tfjsTopology(file, range), keras_version: '2', backend: 'tensorflow' };
  let stock: LayersModel;
  try {
    stock = await loadLayersModel(io.fromMemory({ modelTopology: topology }));
  } catch (error) {
    throw refuse(`its layers do not make a model: ${messageOf(error)}`, error);
  }
  try {
    const taken = stock.inputs.map(({ shape }) => shape.slice(1).join('×')).join(' and ');
    const given = stock.outputs.map(({ shape }) => shape.slice(1).join('×')).join(' and ');
    if (taken !== imageShape.join('×') || given !== String(classNames.length)) {
      throw refuse(
        `expected a model that takes images of ${imageShape.join('×')} and answers with ${classNames.length} classes, got ${taken} and ${given}`,
      );
    }
    setWeights(stock, file, refuse);
    return classifierOf(stock, { seed: 0, step: 0 });
  } finally {
    stock.dispose();
  }
}

function setWeights(
  model: LayersModel,
  { weights }: KerasFile,
  refuse: (reason: string) => CifarError,
): void {
  for (const layer of model.layers) {
    const own = layer.getWeights();
    const saved = weights.get(layer.name) ?? [];
    const shapes = (all: readonly { shape: readonly (number | null)[] }[]): string =>
      all.map(({ shape }) => `[${shape.join(', ')}]`).join(' ') || 'none';
    if (shapes(own) !== shapes(saved)) {
      throw refuse(
        `the layer ${layer.name} (${layer.getClassName()}) has weights of ${shapes(own)}, and the file holds ${shapes(saved)}`,
      );
    }
    const tensors = saved.map(({ values, shape }) => tensor(values, [...shape]));
    layer.setWeights(tensors);
    for (const one of tensors) one.dispose();
  }
}
