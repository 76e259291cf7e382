import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { Lerp, type LerpAttrs } from './Lerp.js';
import { grouped, runGroups } from './tensorGroups.js';

/** Kernel name: inputs all `a`, then all `b`, attribute `t` → as many tensors of their shapes. */
export const LerpAll = 'LerpAll';

/**
 * Linear interpolation (1 − t)·a + t·b of many tensors, as lerp makes one of each.
 * @param a float32; `b` has as many, of the same shapes
 * @param t share of `b`, in [0, 1]
 */
export function lerpAll(a: readonly Tensor[], b: readonly Tensor[], t: number): readonly Tensor[] {
  return runGroups(LerpAll, [a, b], 1, { t }).groups[0];
}

export const lerpAllOp: OpDefinition = {
  kernels: [
    portableKernel<Record<string, Tensor>, LerpAttrs>(LerpAll, (inputs, attrs) => {
      const [a, b] = grouped(Object.values(inputs), 2);
      return a.map((tensor, i) => runKernel(Lerp, { a: tensor, b: b[i] }, attrs));
    }),
  ],
  gradients: [],
};
