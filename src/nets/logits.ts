import { model as buildModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CifarError } from '../util/errors.js';
import { LOGITS } from './stack.js';

/**
 * The part of a classifier before its softmax: [N, 32, 32, 3] → logits [N, 10]. It shares the layers, and with them the
 * weights, of the model given; dispose of that one only.
 * @throws CifarError when the model has no layer named `logits`
 */
export function logitsModel(model: LayersModel): LayersModel {
  const layer = model.layers.find(({ name }) => name === LOGITS);
  if (layer === undefined) {
    throw new CifarError(
      `The model ${model.name} has no layer named "${LOGITS}" (its layers: ${model.layers.map(({ name }) => name).join(', ')}). ` +
        `Expected a model saved by this program; in one of your own, name the last Dense layer "${LOGITS}" and apply softmax in a layer after it.`,
    );
  }
  return buildModel({
    name: `${model.name}_${LOGITS}`,
    inputs: model.inputs,
    outputs: layer.output,
  });
}
