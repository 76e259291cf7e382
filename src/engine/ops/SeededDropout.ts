import { cast, customGrad, mul, tensor } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import { seededDropoutGrad } from './SeededDropoutGrad.js';
import { dropoutMask } from './dropoutMask.js';
import { portableKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: input `x`, attributes `rate`, `seed`, `counter` → [y, mask]. */
export const SeededDropout = 'SeededDropout';

export interface SeededDropoutInputs {
  x: Tensor;
}

export interface SeededDropoutAttrs {
  /** Share of the elements that are dropped, in [0, 1). */
  rate: number;
  /** 32-bit integer: names the run. */
  seed: number;
  /** 32-bit integer: names the layer and the step. */
  counter: number;
}

/**
 * Inverted dropout (Srivastava et al. 2014): each element is kept with probability 1 − rate and then divided by it.
 * The same seed and counter give the same mask for a shape, on one backend. Backends may round the rate; the portable
 * kernel rounds it to a multiple of 2⁻¹⁶, so that .25 and .5 are exact everywhere.
 * @param x any shape, float32
 * @param rate in [0, 1)
 * @param seed 32-bit integer
 * @param counter 32-bit integer
 * @returns x's shape
 * @throws Error when the rate is not in [0, 1)
 */
export function seededDropout<T extends Tensor>(x: T, rate: number, seed: number, counter: number): T {
  if (!(rate >= 0 && rate < 1)) throw new Error(`${SeededDropout}: expected a rate in [0, 1), got ${rate}.`);
  // A gradient of its own, not one by kernel name: with two outputs on the tape, tfjs would make a full-size tensor of
  // zeros as the mask's gradient at every step.
  const dropout = customGrad((input, save) => {
    const [y, mask] = runMultiKernel(SeededDropout, { x: input as Tensor }, { rate, seed, counter });
    (save as GradSaveFunc)([mask]);
    return { value: y, gradFunc: (dy, saved) => seededDropoutGrad(dy, saved[0], rate) };
  });
  return dropout(x) as T;
}

export const seededDropoutOp: OpDefinition = {
  kernels: [
    portableKernel<SeededDropoutInputs, SeededDropoutAttrs>(SeededDropout, ({ x }, attrs) => {
      const mask = tensor(dropoutMask(x.size, attrs), x.shape, 'bool');
      const y = mul(x, mul(cast(mask, 'float32'), 1 / (1 - attrs.rate)));
      return [y, mask];
    }),
  ],
  gradients: [],
};
