import { mul } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { geluGrad } from './GeluGrad.js';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { normalShareBelow } from './normalShareBelow.js';

/** Kernel name: input `x` → y of its shape. */
export const Gelu = 'Gelu';

export interface GeluInputs {
  x: Tensor;
}

/**
 * Gaussian error linear unit x·Φ(x), exact (by the error function, not its tanh approximation): Hendrycks and Gimpel
 * 2016. At NaN and minus infinity (−∞·0) it is NaN, and infinity stays (or is NaN on some engines).
 * @param x any shape, float32
 * @returns x's shape
 */
export function gelu<T extends Tensor>(x: T): T {
  return runKernel<T>(Gelu, { x });
}

const gradient: GradConfig = {
  kernelName: Gelu,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => ({ x: () => geluGrad(dy as Tensor, saved[0]) }),
};

export const geluOp: OpDefinition = {
  kernels: [portableKernel<GeluInputs, object>(Gelu, ({ x }) => mul(x, normalShareBelow(x)))],
  gradients: [gradient],
};
