import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Parameter } from '../nn/optimizers/optimizer.js';
import { CifarError } from '../util/errors.js';

/** A weight of a model under a name that does not depend on what else the process has built. */
export interface NamedWeight extends Parameter {
  readonly trainable: boolean;
}

/** All weights of a model in the layers' order, trainable or not, named `<layer>/<weight>`. */
export function namedWeights(model: LayersModel): NamedWeight[] {
  const weights = model.layers.flatMap((layer) =>
    layer.weights.map((weight) => {
      const ownName = weight.originalName.split('/').pop() ?? weight.originalName;
      return {
        name: `${layer.name}/${ownName}`,
        variable: weight.read() as tf.Variable,
        trainable: layer.trainable && weight.trainable,
        decays: /kernel$/.test(ownName),
      };
    }),
  );
  if (new Set(weights.map(({ name }) => name)).size !== weights.length) {
    throw new CifarError('The model has two weights of one name; give its layers distinct names.');
  }
  return weights;
}
