import type { TensorInfo } from '@tensorflow/tfjs-core';
import { GeluGrad } from '../../ops/GeluGrad.js';
import { unaryGradient } from '../elementwise/elementwise.js';
import { nativeKernel } from '../kernel.js';

/** dy·(Φ(x) + x·φ(x)), in x's layout and type. */
export const geluGrad = nativeKernel<{ dy: TensorInfo; x: TensorInfo }>(GeluGrad, ({ dy, x }, _, backend) =>
  unaryGradient(backend, 'gelu', dy, x, 'src'),
);
