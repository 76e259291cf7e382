import { add, mul, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { portableKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/**
 * Kernel name: inputs `parameter`, `momentum` (zeros before the first step), `gradient` of one shape, see SgdUpdateAttrs → [parameter′,
 * momentum′]. One step of stochastic gradient descent as PyTorch has it: with g = gradient + weightDecay·parameter, the buffer
 * b′ = momentum·b + g and parameter′ = parameter − learningRate·b′, or with Nesterov parameter − learningRate·(g + momentum·b′).
 */
export const SgdUpdate = 'SgdUpdate';

export interface SgdUpdateInputs {
  parameter: Tensor;
  momentum: Tensor;
  gradient: Tensor;
}

export interface SgdUpdateAttrs {
  /** Step size. */
  learningRate: number;
  /** Share of the momentum buffer that stays, in [0, 1). */
  momentum: number;
  /** Multiple of the parameter that is added to the gradient, at least 0. */
  weightDecay: number;
  /** Nesterov's form: the step looks ahead by one more decay of the buffer. */
  nesterov: boolean;
}

function compute(inputs: SgdUpdateInputs, attrs: SgdUpdateAttrs): Tensor[] {
  const { learningRate, momentum, weightDecay, nesterov } = attrs;
  const g = add(inputs.gradient, mul(inputs.parameter, weightDecay));
  const buffer = add(mul(inputs.momentum, momentum), g);
  const step = nesterov ? add(g, mul(buffer, momentum)) : buffer;
  return [sub(inputs.parameter, mul(step, learningRate)), buffer];
}

export const sgdUpdateOp: OpDefinition = { kernels: [portableKernel(SgdUpdate, compute)], gradients: [] };
