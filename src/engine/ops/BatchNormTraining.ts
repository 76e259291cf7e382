import { add, mean, mul, reshape, rsqrt, square, squeeze, sub } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { batchNormTrainingGrad } from './BatchNormTrainingGrad.js';
import { asImages, checkPerChannel } from './channels.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import { ACTIVATION_KERNELS, fusesNormActivation, type NormActivation } from './normActivation.js';

/** Kernel name: inputs `x`, `scale`, `offset`, attributes `epsilon`, `activation` → [y, mean, variance]. */
export const BatchNormTraining = 'BatchNormTraining';

export interface BatchNormTrainingInputs {
  x: Tensor;
  scale: Tensor1D;
  offset: Tensor1D;
}

export interface BatchNormTrainingAttrs {
  /** Added to the variance, > 0. */
  epsilon: number;
  /** `linear` on all backends but those that fuse others: see FusingBackend. */
  activation: NormActivation;
}

export interface BatchNormTrainingResult<T extends Tensor> {
  /** Normalised, scaled, shifted and activated; x's shape. */
  y: T;
  /** The batch's mean by channel [C]; carries no gradient. */
  mean: Tensor1D;
  /** The batch's variance by channel [C], biased (divided by the count); carries no gradient. */
  variance: Tensor1D;
}

/**
 * Batch normalisation with the batch's own statistics, taken over all axes but the last (Ioffe and Szegedy 2015).
 * @param x [N, C] or [N, H, W, C], float32
 * @param scale γ [C]
 * @param offset β [C]
 * @param epsilon added to the variance, > 0
 * @param activation what follows, in the same kernel where the backend has it so
 * @throws Error when the ranks or channel counts do not fit
 */
export function batchNormTraining<T extends Tensor>(
  x: T,
  scale: Tensor1D,
  offset: Tensor1D,
  epsilon: number,
  activation: NormActivation = 'linear',
): BatchNormTrainingResult<T> {
  checkPerChannel(BatchNormTraining, x, { scale, offset });
  const isFused = activation !== 'linear' && fusesNormActivation(x);
  const attrs: BatchNormTrainingAttrs = { epsilon, activation: isFused ? activation : 'linear' };
  const [y, mean, variance] = runMultiKernel(BatchNormTraining, { x, scale, offset }, attrs) as [
    T,
    Tensor1D,
    Tensor1D,
  ];
  if (isFused || activation === 'linear') return { y, mean, variance };
  const result = ACTIVATION_KERNELS[activation](y);
  y.dispose();
  return { y: result, mean, variance };
}

function compute({ x, scale, offset }: BatchNormTrainingInputs, attrs: BatchNormTrainingAttrs): Tensor[] {
  const images = asImages(x);
  // Image by image first: a single float32 sum over all positions would lose digits.
  const batchMean = mean(mean(images, 1, true), 0, true);
  const centred = sub(images, batchMean);
  const variance = mean(mean(square(centred), 1, true), 0, true);
  const factor = mul(scale, rsqrt(add(variance, attrs.epsilon)));
  const y = add(mul(centred, factor), offset);
  return [reshape(y, x.shape), squeeze(batchMean, [0, 1]), squeeze(variance, [0, 1])];
}

const gradient: GradConfig = {
  kernelName: BatchNormTraining,
  inputsToSave: ['x', 'scale', 'offset'],
  outputsToSave: [false, true, true],
  gradFunc: (dys, saved, attrs) => {
    const [x, scale, offset, batchMean, variance] = saved as [Tensor, Tensor1D, Tensor1D, Tensor1D, Tensor1D];
    const [dy] = dys as Tensor[];
    const [dx, dScale, dOffset] = batchNormTrainingGrad(
      { dy, x, mean: batchMean, variance, scale, offset },
      attrs as unknown as BatchNormTrainingAttrs,
    );
    return { x: () => dx, scale: () => dScale, offset: () => dOffset };
  },
};

export const batchNormTrainingOp: OpDefinition = {
  kernels: [portableKernel(BatchNormTraining, compute)],
  gradients: [gradient],
};
