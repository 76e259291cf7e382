import { Max, type MaxAttrs, type MaxInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { reducedPositions } from '../pooling/pooling.js';

/** The largest over the positions of images [N, H, W, C], as stock global max pooling has it; null for other axes. */
export const max = nativeKernel<MaxInputs, MaxAttrs>(
  Max,
  ({ x }, { reductionIndices, keepDims }, backend) =>
    x.dtype === 'float32' ? reducedPositions(backend, 'max', x, reductionIndices, keepDims) : null,
  { isHostWhenSmall: true },
);
