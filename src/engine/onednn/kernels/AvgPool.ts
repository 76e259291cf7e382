import { AvgPool, type AvgPoolAttrs, type AvgPoolInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { pool, poolingOfTensor } from '../pooling/pooling.js';

/** Mean of each window of x [N, H, W, C]; padding does not count. */
export const avgPool = nativeKernel<AvgPoolInputs, AvgPoolAttrs>(AvgPool, ({ x }, attrs, backend) => {
  if (x.dtype !== 'float32') return null;
  const pooling = poolingOfTensor(backend, 'average', x, attrs);
  return pooling && pool(backend, pooling, x, false);
});
