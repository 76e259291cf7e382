import { add, exp, mul, square } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { normalShareBelow } from './normalShareBelow.js';

/** Kernel name: inputs `dy`, `x` of one shape → dx of that shape. */
export const GeluGrad = 'GeluGrad';

export interface GeluGradInputs {
  dy: Tensor;
  x: Tensor;
}

/**
 * Gradient of the Gaussian error linear unit: dy·(Φ(x) + x·φ(x)) with the normal density φ.
 * @param dy gradient by the output, any shape
 * @param x the input, same shape
 */
export function geluGrad<T extends Tensor>(dy: T, x: T): T {
  return runKernel<T>(GeluGrad, { dy, x });
}

export const geluGradOp: OpDefinition = {
  kernels: [
    portableKernel<GeluGradInputs, object>(GeluGrad, ({ dy, x }) => {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(dy, add(normalShareBelow(x), mul(x, density)));
    }),
  ],
  gradients: [],
};
