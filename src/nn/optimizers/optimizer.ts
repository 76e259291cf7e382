import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { CifarError } from '../../util/errors.js';

/**
 * What a weight is to an optimizer: the filter of a convolution, the kernel of a hidden dense layer, a bias, a parameter of
 * batch normalisation, a weight of the last dense layer, the bias of the whitening convolution.
 */
export type ParameterRole = 'filter' | 'kernel' | 'bias' | 'norm' | 'head' | 'whitening';

/** A weight that is trained: its tfjs variable, and a name that is the same in every process. */
export interface Parameter {
  readonly name: string;
  readonly variable: Variable;
  readonly role: ParameterRole;
}

/** A tensor out of a checkpoint: float32, row-major. */
export interface SavedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Updates parameters in place from their gradients; holds its slots (momentum and the like) as tensors. */
export interface Optimizer {
  /**
   * One update.
   * @param gradients one a parameter, in the parameters' order; null only where the rate is. Not disposed here
   * @param rates this step's learning rate for each parameter; null leaves the parameter and its slots as they are
   * @param step number of updates made before this one (0-based)
   * @returns flags [1], int32, that the caller disposes: not 0 where a gradient was not a finite number; none on backends that do not look
   */
  apply(gradients: readonly (Tensor | null)[], rates: readonly (number | null)[], step: number): Tensor[];
  /** The slots by name, `<slot>/<parameter name>`; they stay the optimizer's. */
  state(): Map<string, Tensor>;
  /** Replaces the slots; every name of state() must be there, of the same shape. */
  restore(slots: ReadonlyMap<string, SavedTensor>): void;
  dispose(): void;
}

/** The parameters that are to be moved, by their indices, with what they are moved by. */
export interface Moves {
  readonly indices: readonly number[];
  readonly gradients: readonly Tensor[];
  readonly rates: readonly number[];
}

/**
 * The parameters that have a rate, with their gradients.
 * @throws CifarError when one of them has no gradient
 */
export function movesOf(gradients: readonly (Tensor | null)[], rates: readonly (number | null)[]): Moves {
  const indices = rates.flatMap((rate, index) => (rate === null ? [] : [index]));
  return {
    indices,
    gradients: indices.map((index) => {
      const gradient = gradients[index];
      if (gradient === null) throw new CifarError(`Parameter ${index} has a learning rate and no gradient.`);
      return gradient;
    }),
    rates: indices.map((index) => rates[index] ?? 0),
  };
}
