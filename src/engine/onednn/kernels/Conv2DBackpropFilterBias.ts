import type { Conv2DBackpropFilterAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { Conv2DBackpropFilterBias } from '../../ops/Conv2DBackpropFilterBias.js';
import { UnsupportedError } from '../errors.js';
import { convolutionFilterGradient } from '../convolution/filterGradient.js';
import { geometryOf } from '../convolution/geometry.js';
import { nativeKernel } from '../kernel.js';

/** x [N, H, W, Cin], dy [N, H′, W′, Cout] → [dFilter [kh, kw, Cin, Cout], dBias [Cout]]. */
export const conv2DBackpropFilterBias = nativeKernel<
  { x: TensorInfo; dy: TensorInfo },
  Conv2DBackpropFilterAttrs
>(Conv2DBackpropFilterBias, ({ x, dy }, attrs, backend) => {
  const geometry = geometryOf(x.shape, attrs.filterShape, attrs);
  if (geometry !== null) return convolutionFilterGradient(backend, geometry, x, dy, true);
  throw new UnsupportedError(
    `${Conv2DBackpropFilterBias}: expected NHWC tensors that are not empty, got x [${x.shape.join(', ')}], ` +
      `dy [${dy.shape.join(', ')}], ${attrs.dataFormat}.`,
  );
});
