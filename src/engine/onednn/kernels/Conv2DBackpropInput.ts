import {
  Conv2DBackpropInput,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  util,
} from '@tensorflow/tfjs-core';
import { convolutionInputGradient } from '../convolution/inputGradient.js';
import { geometryOf } from '../convolution/geometry.js';
import { nativeKernel } from '../kernel.js';

/** dy [N, H′, W′, Cout], filter [kh, kw, Cin, Cout] → dx [N, H, W, Cin]. */
export const conv2DBackpropInput = nativeKernel<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(
  Conv2DBackpropInput,
  ({ dy, filter }, attrs, backend) => {
    const geometry = geometryOf(attrs.inputShape, filter.shape, attrs);
    // tfjs's transposed convolution hands over larger gradients than the shape of the result calls for.
    if (geometry === null || !util.arraysEqual(dy.shape, [...geometry.y])) return null;
    return convolutionInputGradient(backend, geometry, dy, filter);
  },
);
