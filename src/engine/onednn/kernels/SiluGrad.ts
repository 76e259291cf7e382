import type { TensorInfo } from '@tensorflow/tfjs-core';
import { SiluGrad } from '../../ops/SiluGrad.js';
import { unaryGradient } from '../elementwise/elementwise.js';
import { nativeKernel } from '../kernel.js';

/** dy·σ(x)·(1 + x·(1 − σ(x))), in x's layout and type. */
export const siluGrad = nativeKernel<{ dy: TensorInfo; x: TensorInfo }>(SiluGrad, ({ dy, x }, _, backend) =>
  unaryGradient(backend, 'swish', dy, x, 'src', 1),
);
