import { sum } from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: input `x` [N, H, W, C] → [C]. */
export const ChannelSum = 'ChannelSum';

export interface ChannelSumInputs {
  x: Tensor4D;
}

/**
 * Sum by channel: a bias's gradient out of its output's. Has no gradient itself.
 * @param x [N, H, W, C], float32
 * @returns [C]
 */
export function channelSum(x: Tensor4D): Tensor1D {
  return runKernel<Tensor1D>(ChannelSum, { x });
}

export const channelSumOp: OpDefinition = {
  kernels: [
    // Image by image first: a single float32 sum over all positions would lose digits.
    portableKernel<ChannelSumInputs, object>(ChannelSum, ({ x }) => sum(sum(x, [1, 2]), 0)),
  ],
  gradients: [],
};
