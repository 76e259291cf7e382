import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
} from '@tensorflow/tfjs-core';
import { convolutionFilterGradient } from '../convolution/filterGradient.js';
import { geometryOf } from '../convolution/geometry.js';
import { nativeKernel } from '../kernel.js';

/** x [N, H, W, Cin], dy [N, H′, W′, Cout] → dFilter [kh, kw, Cin, Cout]. */
export const conv2DBackpropFilter = nativeKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilter,
  ({ x, dy }, attrs, backend) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs);
    return geometry && convolutionFilterGradient(backend, geometry, x, dy, false)[0];
  },
);
