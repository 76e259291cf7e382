import { greater, where, zerosLike } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `dy`, `y` of one shape → `dx` of that shape. */
export const ReluGrad = 'ReluGrad';

export interface ReluGradInputs {
  dy: Tensor;
  y: Tensor;
}

/**
 * Gradient of a rectifier by its output: dy where y > 0, else 0 (exactly, even where dy is not finite).
 * @param dy gradient by the output, any shape
 * @param y the rectifier's output, same shape
 */
export function reluGrad<T extends Tensor>(dy: T, y: T): T {
  return runKernel<T>(ReluGrad, { dy, y });
}

export const reluGradOp: OpDefinition = {
  kernels: [
    portableKernel<ReluGradInputs, object>(ReluGrad, ({ dy, y }) => where(greater(y, 0), dy, zerosLike(dy))),
  ],
  gradients: [],
};
