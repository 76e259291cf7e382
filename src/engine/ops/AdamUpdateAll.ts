import { mul } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { AdamUpdate, type AdamUpdateAttrs } from './AdamUpdate.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { type UpdatedAll, grouped, runGroups } from './tensorGroups.js';

/**
 * Kernel name: inputs all parameters, then all m, all v, all gradients, see AdamUpdateAllAttrs → all parameters′, all m′, all v′,
 * and where the backend has one the flag of UpdatedAll.
 */
export const AdamUpdateAll = 'AdamUpdateAll';

export interface AdamUpdateAllAttrs extends Omit<AdamUpdateAttrs, 'learningRate'> {
  /** As AdamUpdateAttrs.learningRate, one a parameter. */
  learningRates: readonly number[];
  /** What each parameter is multiplied by before the step: 1 − rate·λ of a decay λ that is not in the gradient (AdamW). */
  kept: readonly number[];
}

/**
 * One Adam step of many parameters, as adamUpdate makes one of each.
 * @param parameters float32; `m`, `v` and `gradients` have as many, of the same shapes
 * @returns groups: the new parameters, m and v; the inputs stay as they are
 */
export function adamUpdateAll(
  parameters: readonly Tensor[],
  m: readonly Tensor[],
  v: readonly Tensor[],
  gradients: readonly Tensor[],
  attrs: Omit<AdamUpdateAllAttrs, 'kept'> & Partial<AdamUpdateAllAttrs>,
): UpdatedAll {
  return runGroups(AdamUpdateAll, [parameters, m, v, gradients], 3, {
    kept: parameters.map(() => 1),
    ...attrs,
  });
}

function compute(
  inputs: Record<string, Tensor>,
  { learningRates, kept, ...attrs }: AdamUpdateAllAttrs,
): Tensor[] {
  const [parameters, m, v, gradients] = grouped(Object.values(inputs), 4);
  const each = parameters.map((parameter, i) =>
    runMultiKernel(
      AdamUpdate,
      {
        parameter: kept[i] === 1 ? parameter : mul(parameter, kept[i]),
        m: m[i],
        v: v[i],
        gradient: gradients[i],
      },
      { ...attrs, learningRate: learningRates[i] },
    ),
  );
  return [0, 1, 2].flatMap((place) => each.map((tensors) => tensors[place]));
}

export const adamUpdateAllOp: OpDefinition = {
  kernels: [portableKernel(AdamUpdateAll, compute)],
  gradients: [],
};
