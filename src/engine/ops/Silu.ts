import { mul, sigmoid } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { siluGrad } from './SiluGrad.js';

/** Kernel name: input `x` → y of its shape. */
export const Silu = 'Silu';

export interface SiluInputs {
  x: Tensor;
}

/**
 * Sigmoid linear unit x·σ(x), which tfjs and Keras also call swish: Elfwing et al. 2017. At minus infinity (−∞·0) it may be NaN.
 * @param x any shape, float32
 * @returns x's shape
 */
export function silu<T extends Tensor>(x: T): T {
  return runKernel<T>(Silu, { x });
}

const gradient: GradConfig = {
  kernelName: Silu,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => ({ x: () => siluGrad(dy as Tensor, saved[0]) }),
};

export const siluOp: OpDefinition = {
  kernels: [portableKernel<SiluInputs, object>(Silu, ({ x }) => mul(x, sigmoid(x)))],
  gradients: [gradient],
};
