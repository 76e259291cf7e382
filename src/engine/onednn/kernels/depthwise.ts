import {
  DepthwiseConv2dNative,
  type DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterInputs,
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropInputInputs,
  type DepthwiseConv2dNativeInputs,
  FusedDepthwiseConv2D,
  type FusedDepthwiseConv2DAttrs,
  type FusedDepthwiseConv2DInputs,
} from '@tensorflow/tfjs-core';
import { depthwise, depthwiseFilterGradient, depthwiseInputGradient } from '../convolution/depthwise.js';
import { fusedEnding } from '../convolution/fusedActivation.js';
import { geometryOf } from '../convolution/geometry.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';

/** Convolutions of x [N, H, W, C] in which each channel has filters of its own, [kh, kw, C, multiplier] → [N, H′, W′, C·multiplier]. */
export const depthwiseKernels: readonly NativeKernel[] = [
  nativeKernel<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>(
    DepthwiseConv2dNative,
    ({ x, filter }, attrs, backend) => {
      const geometry = geometryOf(x.shape, filter.shape, attrs, true);
      return geometry && depthwise(backend, geometry, x, filter);
    },
  ),
  nativeKernel<FusedDepthwiseConv2DInputs, FusedDepthwiseConv2DAttrs, 'bias' | 'preluActivationWeights'>(
    FusedDepthwiseConv2D,
    ({ x, filter, bias }, attrs, backend) => {
      const geometry = geometryOf(x.shape, filter.shape, attrs, true);
      const ending = geometry && fusedEnding(attrs, bias, geometry.y[3]);
      return ending && depthwise(backend, geometry, x, filter, ending);
    },
  ),
  nativeKernel<DepthwiseConv2dNativeBackpropInputInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    DepthwiseConv2dNativeBackpropInput,
    ({ dy, filter }, attrs, backend) => {
      const geometry = geometryOf(attrs.inputShape, filter.shape, attrs, true);
      return geometry && depthwiseInputGradient(backend, geometry, dy, filter);
    },
  ),
  nativeKernel<DepthwiseConv2dNativeBackpropFilterInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    DepthwiseConv2dNativeBackpropFilter,
    ({ x, dy }, attrs, backend) => {
      const geometry = geometryOf(x.shape, attrs.filterShape, attrs, true);
      return geometry && depthwiseFilterGradient(backend, geometry, x, dy);
    },
  ),
];
