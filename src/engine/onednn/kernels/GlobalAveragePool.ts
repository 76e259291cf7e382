import type { TensorInfo } from '@tensorflow/tfjs-core';
import { GlobalAveragePool } from '../../ops/GlobalAveragePool.js';
import { UnsupportedError } from '../errors.js';
import { nativeKernel } from '../kernel.js';
import { pool, poolingOfTensor } from '../pooling/pooling.js';

/** Mean over the positions of x [N, H, W, C] → [N, C]. */
export const globalAveragePool = nativeKernel<{ x: TensorInfo }>(GlobalAveragePool, ({ x }, _, backend) => {
  const [n, h, w, c] = x.shape;
  const pooling = poolingOfTensor(backend, 'average', x, { filterSize: [h, w], strides: 1, pad: 'valid' });
  if (pooling === null) {
    throw new UnsupportedError(`${GlobalAveragePool}: expected images, got x [${x.shape.join(', ')}].`);
  }
  return { ...pool(backend, pooling, x, false), shape: [n, c] };
});
