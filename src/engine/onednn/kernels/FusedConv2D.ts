import { FusedConv2D, type FusedConv2DAttrs, type FusedConv2DInputs, util } from '@tensorflow/tfjs-core';
import { convolve } from '../convolution/convolve.js';
import { geometryOf } from '../convolution/geometry.js';
import { activationPostOps } from '../convolution/fusedActivation.js';
import { nativeKernel } from '../kernel.js';

/** activation(x ⊛ filter + bias [Cout]) in one pass over memory. */
export const fusedConv2D = nativeKernel<FusedConv2DInputs, FusedConv2DAttrs, 'bias'>(
  FusedConv2D,
  ({ x, filter, bias }, attrs, backend) => {
    const postOps = activationPostOps(attrs.activation, attrs.leakyreluAlpha);
    const geometry = geometryOf(x.shape, filter.shape, attrs);
    if (postOps === null || geometry === null) return null;
    if (bias !== undefined && util.sizeFromShape(bias.shape) !== filter.shape[3]) return null;
    const key = `${attrs.activation} ${attrs.leakyreluAlpha ?? ''}`;
    return convolve(backend, geometry, x, filter, bias ?? null, postOps, key);
  },
);
