import type { TensorInfo } from '@tensorflow/tfjs-core';
import { GlobalAveragePoolGrad, type GlobalAveragePoolGradAttrs } from '../../ops/GlobalAveragePoolGrad.js';
import { activationDesc } from '../convolution/axes.js';
import { UnsupportedError } from '../errors.js';
import { nativeKernel } from '../kernel.js';
import { poolGradient, poolingOf } from '../pooling/pooling.js';

/** dy [N, C] → dy/(H·W) at each position [N, H, W, C], in the usual layout of activations. */
export const globalAveragePoolGrad = nativeKernel<{ dy: TensorInfo }, GlobalAveragePoolGradAttrs>(
  GlobalAveragePoolGrad,
  ({ dy }, { inputShape }, backend) => {
    const [, h, w] = inputShape;
    const layout = activationDesc(backend.descriptors, inputShape, backend.computeType);
    const attrs = { filterSize: [h, w] as [number, number], strides: 1, pad: 'valid' as const };
    const pooling = poolingOf(backend, 'average', inputShape, layout, attrs);
    if (pooling === null) {
      throw new UnsupportedError(
        `${GlobalAveragePoolGrad}: expected images, got [${inputShape.join(', ')}].`,
      );
    }
    return poolGradient(backend, pooling, dy, null);
  },
);
