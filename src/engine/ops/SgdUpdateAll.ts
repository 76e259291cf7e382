import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { SgdUpdate, type SgdUpdateAttrs } from './SgdUpdate.js';
import { type UpdatedAll, grouped, runGroups } from './tensorGroups.js';

/**
 * Kernel name: inputs all parameters, then all momentum buffers, all gradients, see SgdUpdateAllAttrs → all parameters′, all
 * buffers′, and where the backend has one the flag of UpdatedAll.
 */
export const SgdUpdateAll = 'SgdUpdateAll';

export interface SgdUpdateAllAttrs extends Pick<SgdUpdateAttrs, 'momentum' | 'nesterov'> {
  /** As SgdUpdateAttrs.learningRate and weightDecay, one a parameter. */
  learningRates: readonly number[];
  weightDecays: readonly number[];
}

/**
 * One step of stochastic gradient descent of many parameters, as sgdUpdate makes one of each.
 * @param parameters float32; the buffers and the gradients have as many, of the same shapes
 * @returns groups: the new parameters and buffers; the inputs stay as they are
 */
export function sgdUpdateAll(
  parameters: readonly Tensor[],
  momentumBuffers: readonly Tensor[],
  gradients: readonly Tensor[],
  attrs: SgdUpdateAllAttrs,
): UpdatedAll {
  return runGroups(SgdUpdateAll, [parameters, momentumBuffers, gradients], 2, attrs);
}

function compute(
  inputs: Record<string, Tensor>,
  { learningRates, weightDecays, ...attrs }: SgdUpdateAllAttrs,
): Tensor[] {
  const [parameters, buffers, gradients] = grouped(Object.values(inputs), 3);
  const each = parameters.map((parameter, i) =>
    runMultiKernel(
      SgdUpdate,
      { parameter, momentum: buffers[i], gradient: gradients[i] },
      { ...attrs, learningRate: learningRates[i], weightDecay: weightDecays[i] },
    ),
  );
  return [0, 1].flatMap((place) => each.map((tensors) => tensors[place]));
}

export const sgdUpdateAllOp: OpDefinition = {
  kernels: [portableKernel(SgdUpdateAll, compute)],
  gradients: [],
};
