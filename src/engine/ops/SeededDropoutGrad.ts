import { cast, mul } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `dy`, `mask` ('bool'), attribute `rate` → dx. */
export const SeededDropoutGrad = 'SeededDropoutGrad';

export interface SeededDropoutGradInputs {
  dy: Tensor;
  mask: Tensor;
}

export interface SeededDropoutGradAttrs {
  /** The forward pass's, in [0, 1). */
  rate: number;
}

/**
 * Gradient of dropout: dy·mask/(1 − rate).
 * @param dy gradient by the output, any shape
 * @param mask the forward pass's, 'bool', same shape
 * @param rate in [0, 1)
 */
export function seededDropoutGrad<T extends Tensor>(dy: T, mask: Tensor, rate: number): T {
  return runKernel<T>(SeededDropoutGrad, { dy, mask }, { rate });
}

export const seededDropoutGradOp: OpDefinition = {
  kernels: [
    portableKernel<SeededDropoutGradInputs, SeededDropoutGradAttrs>(
      SeededDropoutGrad,
      ({ dy, mask }, { rate }) => mul(dy, mul(cast(mask, 'float32'), 1 / (1 - rate))),
    ),
  ],
  gradients: [],
};
