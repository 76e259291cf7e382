import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ChannelSum } from '../../ops/ChannelSum.js';
import { nativeKernel } from '../kernel.js';
import { sumByChannel } from '../elementwise/sums.js';

/** x [N, H, W, C] → [C], f32. */
export const channelSum = nativeKernel<{ x: TensorInfo }>(ChannelSum, ({ x }, _, backend) =>
  sumByChannel(backend, x),
);
