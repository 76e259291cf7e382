import { add, mul } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `a`, `b` of one shape, attribute `t` → (1 − t)·a + t·b, of that shape. Has no gradient. */
export const Lerp = 'Lerp';

export interface LerpInputs {
  a: Tensor;
  b: Tensor;
}

export interface LerpAttrs {
  /** Share of `b`, in [0, 1]. */
  t: number;
}

export const lerpOp: OpDefinition = {
  kernels: [portableKernel<LerpInputs, LerpAttrs>(Lerp, ({ a, b }, { t }) => add(mul(a, 1 - t), mul(b, t)))],
  gradients: [],
};
