import type { TensorInfo } from '@tensorflow/tfjs-core';
import { ReluGrad } from '../../ops/ReluGrad.js';
import { unaryGradient } from '../elementwise/elementwise.js';
import { nativeKernel } from '../kernel.js';

/** dy where y > 0, else 0·dy: zero for finite gradients, NaN for others, so that these do not go unseen. */
export const reluGrad = nativeKernel<{ dy: TensorInfo; y: TensorInfo }>(ReluGrad, ({ dy, y }, _, backend) =>
  unaryGradient(backend, 'reluUseDst', dy, y, 'dst'),
);
