import { add, div, mul, sqrt, square, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/**
 * Kernel name: inputs `parameter`, `m`, `v`, `gradient` of one shape, see AdamUpdateAttrs → [parameter′, m′, v′]. One Adam step (Kingma and
 * Ba 2014, in the form "just before section 2.1"): m′ = β1·m + (1 − β1)·g; v′ = β2·v + (1 − β2)·g²;
 * parameter′ = parameter − learningRate·m′/(√v′ + ε).
 */
export const AdamUpdate = 'AdamUpdate';

export interface AdamUpdateInputs {
  parameter: Tensor;
  m: Tensor;
  v: Tensor;
  gradient: Tensor;
}

export interface AdamUpdateAttrs {
  /** Step size with the bias correction √(1 − β2ᵗ)/(1 − β1ᵗ) already in it, as Keras writes Adam. */
  learningRate: number;
  /** Decay of the mean gradient, in [0, 1). */
  beta1: number;
  /** Decay of the mean square, in [0, 1). */
  beta2: number;
  /** Added to the root of the (uncorrected) mean square, > 0. */
  epsilon: number;
}

function compute({ parameter, m, v, gradient }: AdamUpdateInputs, attrs: AdamUpdateAttrs): Tensor[] {
  const { learningRate, beta1, beta2, epsilon } = attrs;
  const newM = add(mul(m, beta1), mul(gradient, 1 - beta1));
  const newV = add(mul(v, beta2), mul(square(gradient), 1 - beta2));
  const change = div(mul(newM, learningRate), add(sqrt(newV), epsilon));
  return [sub(parameter, change), newM, newV];
}

export const adamUpdateOp: OpDefinition = { kernels: [portableKernel(AdamUpdate, compute)], gradients: [] };
