import { add, mul, reshape, rsqrt, sub, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { asImages } from './channels.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `dy`, `x`, `mean`, `variance`, `scale`, attribute `epsilon` → [dx, dScale, dOffset]. */
export const BatchNormTrainingGrad = 'BatchNormTrainingGrad';

export interface BatchNormTrainingGradInputs {
  dy: Tensor;
  x: Tensor;
  mean: Tensor1D;
  variance: Tensor1D;
  scale: Tensor1D;
}

export interface BatchNormTrainingGradAttrs {
  /** The forward pass's, > 0. */
  epsilon: number;
}

/**
 * Gradient of batch normalisation through the batch's statistics: with x̂ = (x − mean)/√(variance + ε) and m values a
 * channel, dOffset = Σ dy, dScale = Σ dy·x̂, dx = scale/√(variance + ε) · (dy − dOffset/m − x̂·dScale/m).
 * @param dy gradient by the normalised output, x's shape
 * @param x the input [N, C] or [N, H, W, C]
 * @param mean the batch's mean [C]
 * @param variance its biased variance [C]
 * @param scale γ [C]
 * @returns dx (x's shape), dScale [C], dOffset [C]
 */
export function batchNormTrainingGrad(
  dy: Tensor,
  x: Tensor,
  mean: Tensor1D,
  variance: Tensor1D,
  scale: Tensor1D,
  epsilon: number,
): [Tensor, Tensor1D, Tensor1D] {
  const inputs = { dy, x, mean, variance, scale };
  return runMultiKernel(BatchNormTrainingGrad, inputs, { epsilon }) as [Tensor, Tensor1D, Tensor1D];
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
