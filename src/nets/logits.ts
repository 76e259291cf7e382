import { model as buildModel } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { CifarError } from '../util/errors.js';
import { activationName } from './activationName.js';
import { LOGITS } from './stack.js';

/**
 * The part of a classifier before its softmax: [N, 32, 32, 3] → logits [N, 10]. It shares the layers, and with them the
 * weights, of the model given; dispose of that one only.
 * @throws CifarError as `logitsOf`
 */
export function logitsModel(model: LayersModel): LayersModel {
  return buildModel({
    name: `${model.name}_${LOGITS}`,
    inputs: model.inputs,
    outputs: logitsOf(model),
  });
}

/**
 * A classifier's logits: what the layer named `logits` gives, or else what a softmax at its end takes.
 * @throws CifarError when it has neither
 */
export function logitsOf(model: LayersModel): SymbolicTensor {
  const named = model.layers.find(({ name }) => name === LOGITS);
  if (named !== undefined) return named.output as SymbolicTensor;
  const { sourceLayer, nodeIndex } = model.outputs[0];
  const className = sourceLayer.getClassName();
  const isSoftmax =
    className === 'Softmax' ||
    (className === 'Activation' && activationName(sourceLayer.getConfig()) === 'softmax');
  if (isSoftmax) return sourceLayer.inboundNodes[nodeIndex].inputTensors[0];
  throw new CifarError(
    `The model ${model.name} gives no logits: expected a layer named "${LOGITS}", or a softmax in a layer of its own at the end; ` +
      `its last layer is ${sourceLayer.name} (${className}).`,
  );
}
