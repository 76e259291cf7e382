import { MaxPool, type MaxPoolAttrs, type MaxPoolInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { pool, poolingOfTensor } from '../pooling.js';

/** Maximum of each window of x [N, H, W, C]. */
export const maxPool = nativeKernel<MaxPoolInputs, MaxPoolAttrs>(MaxPool, ({ x }, attrs, backend) => {
  if (x.dtype !== 'float32') return null;
  const pooling = poolingOfTensor(backend, 'max', x, attrs);
  return pooling && pool(backend, pooling, x, true);
});
