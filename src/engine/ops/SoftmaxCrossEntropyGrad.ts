import { add, mul, reshape, sub } from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `probabilities`, `labels`, `dLosses`, attribute `labelSmoothing` → dLogits. */
export const SoftmaxCrossEntropyGrad = 'SoftmaxCrossEntropyGrad';

export interface SoftmaxCrossEntropyGradInputs {
  probabilities: Tensor2D;
  labels: Tensor2D;
  dLosses: Tensor1D;
}

export interface SoftmaxCrossEntropyGradAttrs {
  /** The forward pass's, in [0, 1). */
  labelSmoothing: number;
}

/** (1 − s)·y + s/C (Szegedy et al. 2016). */
export function smoothLabels(labels: Tensor2D, labelSmoothing: number): Tensor2D {
  return add(mul(labels, 1 - labelSmoothing), labelSmoothing / labels.shape[1]);
}

/**
 * Gradient of the cross-entropy by the logits: (probabilities − smoothed labels)·dLosses.
 * @param probabilities [N, C]
 * @param labels [N, C], before smoothing
 * @param dLosses gradient by the losses [N]
 * @param labelSmoothing in [0, 1)
 * @returns [N, C]
 */
export function softmaxCrossEntropyGrad(
  probabilities: Tensor2D,
  labels: Tensor2D,
  dLosses: Tensor1D,
  labelSmoothing: number,
): Tensor2D {
  const inputs = { probabilities, labels, dLosses };
  return runKernel<Tensor2D>(SoftmaxCrossEntropyGrad, inputs, { labelSmoothing });
}

export const softmaxCrossEntropyGradOp: OpDefinition = {
  kernels: [
    portableKernel<SoftmaxCrossEntropyGradInputs, SoftmaxCrossEntropyGradAttrs>(
      SoftmaxCrossEntropyGrad,
      ({ probabilities, labels, dLosses }, { labelSmoothing }) => {
        const difference = sub(probabilities, smoothLabels(labels, labelSmoothing));
        return mul(difference, reshape(dLosses, [dLosses.size, 1]));
      },
    ),
  ],
  gradients: [],
};
