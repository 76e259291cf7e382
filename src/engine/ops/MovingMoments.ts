import { add, mul } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `movingMean`, `movingVariance`, `mean`, `variance`, see MovingMomentsAttrs → [movingMean′, movingVariance′]. */
export const MovingMoments = 'MovingMoments';

export interface MovingMomentsInputs {
  movingMean: Tensor;
  movingVariance: Tensor;
  mean: Tensor;
  variance: Tensor;
}

export interface MovingMomentsAttrs {
  /** Share of the past, in [0, 1]. */
  momentum: number;
  /** What the batch's variance is multiplied by before. */
  varianceFactor: number;
}

/**
 * A step of batch normalisation's running statistics: moving′ = momentum·moving + (1 − momentum)·batch. Has no gradient.
 * @param moving [C] each, float32
 * @param batch mean and variance of a batch, [C] each
 */
export function movingMoments(
  moving: { mean: Tensor; variance: Tensor },
  batch: { mean: Tensor; variance: Tensor },
  attrs: MovingMomentsAttrs,
): { mean: Tensor1D; variance: Tensor1D } {
  const { mean: movingMean, variance: movingVariance } = moving;
  const [mean, variance] = runMultiKernel(
    MovingMoments,
    { movingMean, movingVariance, ...batch },
    attrs,
  ) as Tensor1D[];
  return { mean, variance };
}

function compute(
  { movingMean, movingVariance, mean, variance }: MovingMomentsInputs,
  { momentum, varianceFactor }: MovingMomentsAttrs,
): Tensor[] {
  const step = (moving: Tensor, batch: Tensor): Tensor =>
    add(mul(moving, momentum), mul(batch, 1 - momentum));
  return [step(movingMean, mean), step(movingVariance, mul(variance, varianceFactor))];
}

export const movingMomentsOp: OpDefinition = {
  kernels: [portableKernel(MovingMoments, compute)],
  gradients: [],
};
