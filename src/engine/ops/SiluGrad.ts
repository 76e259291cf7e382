import { add, mul, sigmoid, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `dy`, `x` of one shape → dx of that shape. */
export const SiluGrad = 'SiluGrad';

export interface SiluGradInputs {
  dy: Tensor;
  x: Tensor;
}

/**
 * Gradient of the sigmoid linear unit: dy·σ(x)·(1 + x·(1 − σ(x))).
 * @param dy gradient by the output, any shape
 * @param x the input, same shape
 */
export function siluGrad<T extends Tensor>(dy: T, x: T): T {
  return runKernel<T>(SiluGrad, { dy, x });
}

export const siluGradOp: OpDefinition = {
  kernels: [
    portableKernel<SiluGradInputs, object>(SiluGrad, ({ dy, x }) => {
      const share = sigmoid(x);
      return mul(dy, mul(share, add(mul(x, sub(1, share)), 1)));
    }),
  ],
  gradients: [],
};
