import { add, mul, reshape, rsqrt, sub, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { asImages } from './channels.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';
import type { NormActivation } from './normActivation.js';

/** Kernel name: inputs `dy`, `x`, `mean`, `variance`, `scale`, `offset`, attributes `epsilon`, `activation` → [dx, dScale, dOffset]. */
export const BatchNormTrainingGrad = 'BatchNormTrainingGrad';

export interface BatchNormTrainingGradInputs {
  /** Gradient by the output, x's shape. */
  dy: Tensor;
  /** The input [N, C] or [N, H, W, C]. */
  x: Tensor;
  /** The batch's mean and biased variance [C]. */
  mean: Tensor1D;
  variance: Tensor1D;
  /** γ and β [C]. */
  scale: Tensor1D;
  offset: Tensor1D;
}

export interface BatchNormTrainingGradAttrs {
  /** The forward pass's, > 0. */
  epsilon: number;
  /** The forward pass's. */
  activation: NormActivation;
}

/**
 * Gradient of batch normalisation through the batch's statistics: with x̂ = (x − mean)/√(variance + ε) and m values a
 * channel, dOffset = Σ dz, dScale = Σ dz·x̂, dx = scale/√(variance + ε) · (dz − dOffset/m − x̂·dScale/m); dz is dy, times the activation's derivative.
 * @returns dx (x's shape), dScale [C], dOffset [C]
 */
export function batchNormTrainingGrad(
  inputs: BatchNormTrainingGradInputs,
  attrs: BatchNormTrainingGradAttrs,
): [Tensor, Tensor1D, Tensor1D] {
  return runMultiKernel(BatchNormTrainingGrad, { ...inputs }, attrs) as [Tensor, Tensor1D, Tensor1D];
}

function compute(inputs: BatchNormTrainingGradInputs, attrs: BatchNormTrainingGradAttrs): Tensor[] {
  const { x, mean, variance, scale } = inputs;
  const dy = asImages(inputs.dy);
  const count = x.size / scale.size;
  const inverseDeviation = rsqrt(add(variance, attrs.epsilon));
  const normalised = mul(sub(asImages(x), mean), inverseDeviation);
  const dOffset = sum(sum(dy, 1), 0);
  const dScale = sum(sum(mul(dy, normalised), 1), 0);
  const common = add(mul(normalised, mul(dScale, 1 / count)), mul(dOffset, 1 / count));
  const dx = mul(sub(dy, common), mul(scale, inverseDeviation));
  return [reshape(dx, x.shape), dScale, dOffset];
}

export const batchNormTrainingGradOp: OpDefinition = {
  kernels: [portableKernel(BatchNormTrainingGrad, compute)],
  gradients: [],
};
