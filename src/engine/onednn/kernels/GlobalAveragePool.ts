import type { TensorInfo } from '@tensorflow/tfjs-core';
import { GlobalAveragePool } from '../../ops/GlobalAveragePool.js';
import { UnsupportedError } from '../errors.js';
import { nativeKernel } from '../kernel.js';
import { pool, poolingOfPositions } from '../pooling/pooling.js';

/** Mean over the positions of x [N, H, W, C] → [N, C]. */
export const globalAveragePool = nativeKernel<{ x: TensorInfo }>(GlobalAveragePool, ({ x }, _, backend) => {
  const [n, , , c] = x.shape;
  const pooling = poolingOfPositions(backend, 'average', x);
  if (pooling === null) {
    throw new UnsupportedError(`${GlobalAveragePool}: expected images, got x [${x.shape.join(', ')}].`);
  }
  return { ...pool(backend, pooling, x, false), shape: [n, c] };
});
