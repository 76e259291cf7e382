import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Activation } from '../elementwise/chain.js';

/** What is applied to a convolution's sums. */
export interface Ending extends Activation {
  readonly bias: TensorInfo | null;
}
