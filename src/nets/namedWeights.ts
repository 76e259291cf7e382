import type * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, LayersModel, layers } from '@tensorflow/tfjs-layers';
import { HEAD, WHITENING } from './fast.js';
import { LOGITS } from './stack.js';
import type { Parameter, ParameterRole } from '../nn/optimizers/optimizer.js';
import { CifarError } from '../util/errors.js';

/** A weight of a model under a name that does not depend on what else the process has built. */
export interface NamedWeight extends Parameter {
  readonly trainable: boolean;
  /** Changed by nothing in training: a constant of the net. */
  readonly isFixed: boolean;
}

/** A weight's name within its layer, such as `kernel`. */
export function ownNameOf({ originalName }: Pick<LayerVariable, 'originalName'>): string {
  return originalName.split('/').pop() ?? originalName;
}

/** All weights of a model in the layers' order, trainable or not, named `<layer>/<weight>`. */
export function namedWeights(model: LayersModel): NamedWeight[] {
  const weights = model.layers.flatMap((layer) =>
    layer.weights.map((weight) => {
      const ownName = ownNameOf(weight);
      const trainable = layer.trainable && weight.trainable;
      const isStatistic = layer.trainable && ownName.startsWith('moving_');
      return {
        name: `${layer.name}/${ownName}`,
        variable: weight.read() as tf.Variable,
        trainable,
        isFixed: !trainable && !isStatistic,
        role: roleOf(layer, ownName),
      };
    }),
  );
  if (new Set(weights.map(({ name }) => name)).size !== weights.length) {
    throw new CifarError('The model has two weights of one name; give its layers distinct names.');
  }
  return weights;
}

function roleOf(layer: layers.Layer, weight: string): ParameterRole {
  const className = layer.getClassName();
  if (className === 'BatchNormalization') return 'norm';
  if (layer.name === WHITENING) return 'whitening';
  if (layer.name === HEAD || layer.name === LOGITS) return 'head';
  if (!weight.endsWith('kernel')) return 'bias';
  return className === 'Conv2D' ? 'filter' : 'kernel';
}
