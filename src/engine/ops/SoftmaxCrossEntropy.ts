import { exp, log, max, mul, neg, sub, sum } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { smoothLabels, softmaxCrossEntropyGrad } from './SoftmaxCrossEntropyGrad.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `logits`, `labels`, attribute `labelSmoothing` → [losses, probabilities]. */
export const SoftmaxCrossEntropy = 'SoftmaxCrossEntropy';

export interface SoftmaxCrossEntropyInputs {
  logits: Tensor2D;
  labels: Tensor2D;
}

export interface SoftmaxCrossEntropyAttrs {
  /** Share s in [0, 1) of a label that is spread evenly over the C classes: (1 − s)·y + s/C. */
  labelSmoothing: number;
}

export interface SoftmaxCrossEntropyResult {
  /** −Σ label·log probability [N]. */
  losses: Tensor1D;
  /** Softmax of the logits [N, C]; carries no gradient. */
  probabilities: Tensor2D;
}

/**
 * Cross-entropy of softmax(logits) against (smoothed) labels; the gradient goes to the logits only.
 * @param logits [N, C], float32
 * @param labels [N, C], each row a distribution (sum 1)
 * @param labelSmoothing in [0, 1), default 0
 * @throws Error when the shapes differ or the smoothing is out of range
 */
export function softmaxCrossEntropy(
  logits: Tensor2D,
  labels: Tensor2D,
  labelSmoothing = 0,
): SoftmaxCrossEntropyResult {
  if (logits.rank !== 2 || String(logits.shape) !== String(labels.shape)) {
    throw new Error(
      `${SoftmaxCrossEntropy}: expected logits and labels of one shape [N, C], got [${logits.shape.join(', ')}] and [${labels.shape.join(', ')}].`,
    );
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new Error(`${SoftmaxCrossEntropy}: expected label smoothing in [0, 1), got ${labelSmoothing}.`);
  }
  const [losses, probabilities] = runMultiKernel(SoftmaxCrossEntropy, { logits, labels }, { labelSmoothing });
  return { losses: losses as Tensor1D, probabilities: probabilities as Tensor2D };
}

function compute({ logits, labels }: SoftmaxCrossEntropyInputs, attrs: SoftmaxCrossEntropyAttrs): Tensor[] {
  const shifted = sub(logits, max(logits, 1, true));
  const logProbabilities = sub(shifted, log(sum(exp(shifted), 1, true)));
  const smoothed = smoothLabels(labels, attrs.labelSmoothing);
  return [neg(sum(mul(smoothed, logProbabilities), 1)), exp(logProbabilities)];
}

const gradient: GradConfig = {
  kernelName: SoftmaxCrossEntropy,
  inputsToSave: ['labels'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved, attrs) => {
    const [labels, probabilities] = saved as [Tensor2D, Tensor2D];
    const { labelSmoothing } = attrs as unknown as SoftmaxCrossEntropyAttrs;
    const [dLosses] = dys as [Tensor1D];
    return { logits: () => softmaxCrossEntropyGrad(probabilities, labels, dLosses, labelSmoothing) };
  },
};

export const softmaxCrossEntropyOp: OpDefinition = {
  kernels: [portableKernel(SoftmaxCrossEntropy, compute)],
  gradients: [gradient],
};
