import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { PostOp } from '../ffi/abi.js';

/** What is applied to a convolution's sums before they are stored; `key` names the activation. */
export interface Ending {
  readonly bias: TensorInfo | null;
  readonly postOps: readonly PostOp[];
  readonly key: string;
}

/** Nothing. */
export const NO_ENDING: Ending = { bias: null, postOps: [], key: '' };
