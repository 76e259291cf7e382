import { add, mul } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `a`, `b` of one shape, attribute `t` → a tensor of that shape. */
export const Lerp = 'Lerp';

export interface LerpInputs {
  a: Tensor;
  b: Tensor;
}

export interface LerpAttrs {
  /** Share of `b`, in [0, 1]. */
  t: number;
}

/**
 * Linear interpolation (1 − t)·a + t·b, for running averages of weights. Has no gradient.
 * @param a any shape, float32
 * @param b same shape
 * @param t share of `b`, in [0, 1]
 */
export function lerp<T extends Tensor>(a: T, b: T, t: number): T {
  return runKernel<T>(Lerp, { a, b }, { t });
}

export const lerpOp: OpDefinition = {
  kernels: [portableKernel<LerpInputs, LerpAttrs>(Lerp, ({ a, b }, { t }) => add(mul(a, 1 - t), mul(b, t)))],
  gradients: [],
};
