import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Gelu } from '../../ops/Gelu.js';
import { unary } from '../elementwise/elementwise.js';
import { nativeKernel } from '../kernel.js';

/** x·Φ(x), in x's layout and type. */
export const gelu = nativeKernel<{ x: TensorInfo }>(Gelu, ({ x }, _, backend) => unary(backend, 'gelu', x));
