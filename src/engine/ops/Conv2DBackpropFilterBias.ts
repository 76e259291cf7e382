import { Conv2DBackpropFilter } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropFilterAttrs, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { channelSum } from './ChannelSum.js';
import { portableKernel, runKernel, runMultiKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: inputs `x`, `dy`, tfjs's Conv2DBackpropFilterAttrs → [dFilter, dBias]. */
export const Conv2DBackpropFilterBias = 'Conv2DBackpropFilterBias';

export interface Conv2DBackpropFilterBiasInputs {
  x: Tensor4D;
  dy: Tensor4D;
}

/**
 * Both parameter gradients of a biased convolution.
 * @param x input [N, H, W, Cin], float32
 * @param dy gradient by the convolution's output [N, H', W', Cout]
 * @param attrs the convolution's strides and padding, and the filter's shape [kh, kw, Cin, Cout]
 * @returns the filter's gradient [kh, kw, Cin, Cout] and the bias's [Cout]
 */
export function conv2DBackpropFilterBias(
  x: Tensor4D,
  dy: Tensor4D,
  attrs: Conv2DBackpropFilterAttrs,
): [Tensor4D, Tensor1D] {
  return runMultiKernel(Conv2DBackpropFilterBias, { x, dy }, attrs) as [Tensor4D, Tensor1D];
}

export const conv2DBackpropFilterBiasOp: OpDefinition = {
  kernels: [
    portableKernel<Conv2DBackpropFilterBiasInputs, Conv2DBackpropFilterAttrs>(
      Conv2DBackpropFilterBias,
      ({ x, dy }, attrs) => [runKernel(Conv2DBackpropFilter, { x, dy }, attrs), channelSum(dy)],
    ),
  ],
  gradients: [],
};
