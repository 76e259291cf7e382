import {
  Conv2DBackpropFilter,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
} from '@tensorflow/tfjs-core';
import { convolutionFilterGradient, geometryOf } from '../convolution.js';
import { nativeKernel } from '../kernel.js';
import { turnedFilterGradient } from '../turnedFilterGradient.js';

/** x [N, H, W, Cin], dy [N, H′, W′, Cout] → dFilter [kh, kw, Cin, Cout]. */
export const conv2DBackpropFilter = nativeKernel<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(
  Conv2DBackpropFilter,
  ({ x, dy }, attrs, backend) => {
    const geometry = geometryOf(x.shape, attrs.filterShape, attrs);
    if (geometry === null) return null;
    return (
      turnedFilterGradient(backend, geometry, x, dy) ??
      convolutionFilterGradient(backend, geometry, x, dy, false)[0]
    );
  },
);
