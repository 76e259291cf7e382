import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Silu } from '../../ops/Silu.js';
import { unary } from '../elementwise/elementwise.js';
import { nativeKernel } from '../kernel.js';

/** x·σ(x), in x's layout and type. */
export const silu = nativeKernel<{ x: TensorInfo }>(Silu, ({ x }, _, backend) =>
  unary(backend, 'swish', x, 1),
);
