import { Conv2D, type Conv2DAttrs, type Conv2DInputs } from '@tensorflow/tfjs-core';
import { convolve } from '../convolution/convolve.js';
import { geometryOf } from '../convolution/geometry.js';
import { nativeKernel } from '../kernel.js';

/** x [N, H, W, Cin] ⊛ filter [kh, kw, Cin, Cout] → [N, H′, W′, Cout]. */
export const conv2D = nativeKernel<Conv2DInputs, Conv2DAttrs>(Conv2D, ({ x, filter }, attrs, backend) => {
  const geometry = geometryOf(x.shape, filter.shape, attrs);
  return geometry && convolve(backend, geometry, x, filter);
});
