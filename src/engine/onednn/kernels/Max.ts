import { Max, type MaxAttrs, type MaxInputs, util } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { pool, poolingOfTensor } from '../pooling/pooling.js';

/** The largest over the positions of images [N, H, W, C], as stock global max pooling has it; null for other axes. */
export const max = nativeKernel<MaxInputs, MaxAttrs>(
  Max,
  ({ x }, { reductionIndices, keepDims }, backend) => {
    const axes = util.parseAxisParam(reductionIndices, x.shape).sort((a, b) => a - b);
    if (x.dtype !== 'float32' || x.shape.length !== 4 || axes.join() !== '1,2') return null;
    const [n, h, w, c] = x.shape;
    const pooling = poolingOfTensor(backend, 'max', x, { filterSize: [h, w], strides: 1, pad: 'valid' });
    return pooling && { ...pool(backend, pooling, x, true), shape: keepDims ? [n, 1, 1, c] : [n, c] };
  },
  { isHostWhenSmall: true },
);
