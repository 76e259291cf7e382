import { add, erf, mul } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Φ(x), the standard normal distribution's share below x. */
export function normalShareBelow(x: Tensor): Tensor {
  return add(mul(erf(mul(x, Math.SQRT1_2)), 0.5), 0.5);
}
