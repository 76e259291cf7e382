import { FusedConv2D, type FusedConv2DAttrs, type FusedConv2DInputs } from '@tensorflow/tfjs-core';
import { convolve } from '../convolution/convolve.js';
import { geometryOf } from '../convolution/geometry.js';
import { fusedEnding } from '../convolution/fusedActivation.js';
import { nativeKernel } from '../kernel.js';

/** activation(x ⊛ filter + bias [Cout]) in one pass over memory. */
export const fusedConv2D = nativeKernel<FusedConv2DInputs, FusedConv2DAttrs, 'bias'>(
  FusedConv2D,
  ({ x, filter, bias }, attrs, backend) => {
    const geometry = geometryOf(x.shape, filter.shape, attrs);
    const ending = geometry && fusedEnding(attrs, bias, geometry.y[3]);
    return ending && convolve(backend, geometry, x, filter, ending);
  },
);
