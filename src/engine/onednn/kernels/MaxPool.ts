import { MaxPool, type MaxPoolAttrs, type MaxPoolInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { pairedMaxPool, pairedOf } from '../pooling/pairedMaxPool.js';
import { pool, poolingOfTensor } from '../pooling/pooling.js';

/** Maximum of each window of x [N, H, W, C]. */
export const maxPool = nativeKernel<MaxPoolInputs, MaxPoolAttrs>(MaxPool, ({ x }, attrs, backend) => {
  if (x.dtype !== 'float32') return null;
  const paired = pairedOf(backend, x, attrs);
  if (paired !== null) return pairedMaxPool(backend, paired);
  const pooling = poolingOfTensor(backend, 'max', x, attrs);
  return pooling && pool(backend, pooling, x, true);
});
