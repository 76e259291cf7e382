import { AvgPoolGrad, type AvgPoolGradAttrs, type AvgPoolGradInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { poolGradient, poolingOfTensor } from '../pooling/pooling.js';

/** Gradient of the mean over windows. */
export const avgPoolGrad = nativeKernel<AvgPoolGradInputs, AvgPoolGradAttrs>(
  AvgPoolGrad,
  ({ dy, input }, attrs, backend) => {
    const pooling = poolingOfTensor(backend, 'average', input, attrs);
    return pooling && poolGradient(backend, pooling, dy, null);
  },
);
