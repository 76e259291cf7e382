import { Conv2DBackpropFilter, Conv2DBackpropInput, FusedConv2D } from '@tensorflow/tfjs-core';
import type { FusedConv2DAttrs, GradConfig, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { conv2DBackpropFilterBias } from './Conv2DBackpropFilterBias.js';
import { fusedGradient } from './fusedActivation.js';
import type { FusedActivation } from './fusedActivation.js';
import { runKernel } from './kernel.js';
import type { GradientMap, OpDefinition } from './kernel.js';

export interface ConvOptions {
  /** Rows and columns the filter moves by, each at least 1; default 1. */
  strides?: [number, number] | number;
  /** `same`: the output is ⌈input / stride⌉; `valid`: no padding. Default `same`. */
  pad?: 'same' | 'valid';
  /** Default `linear`. */
  activation?: FusedActivation;
}

/** The kernel's attributes; kernels look at the inputs for the bias, the gradient (which does not see them) at `hasBias`. */
type ConvAttrs = Omit<FusedConv2DAttrs, 'dimRoundingMode'> & { hasBias: boolean };

/**
 * activation(x ⊛ filter + bias), one kernel forward, and backward one for both parameters' gradients.
 * @param x input [N, H, W, Cin], float32
 * @param filter [kh, kw, Cin, Cout]
 * @param bias [Cout], or null for none
 * @returns [N, H', W', Cout]
 */
export function convBiasActivation(
  x: Tensor4D,
  filter: Tensor4D,
  bias: Tensor1D | null,
  options: ConvOptions = {},
): Tensor4D {
  const { strides = 1, pad = 'same', activation = 'linear' } = options;
  const hasBias = bias !== null;
  const attrs: ConvAttrs = { strides, pad, dataFormat: 'NHWC', dilations: 1, activation, hasBias };
  return runKernel<Tensor4D>(FusedConv2D, hasBias ? { x, filter, bias } : { x, filter }, attrs);
}

const fusedConv2DGradient: GradConfig = {
  kernelName: FusedConv2D,
  inputsToSave: ['x', 'filter'],
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => {
    const [x, filter, y] = saved as [Tensor4D, Tensor4D, Tensor4D];
    return convGradients(x, filter, y, dy as Tensor4D, attrs as unknown as ConvAttrs);
  },
};

function convGradients(
  x: Tensor4D,
  filter: Tensor4D,
  y: Tensor4D,
  dy: Tensor4D,
  attrs: ConvAttrs,
): GradientMap {
  const { strides, pad, dataFormat, activation, hasBias } = attrs;
  const g = fusedGradient(dy, y, activation);
  const shared = { strides, pad, dataFormat };
  const filterAttrs = { ...shared, filterShape: filter.shape };
  // Eager, so that `g` may go as soon as the input's gradient is made.
  const parameters: Tensor[] = hasBias
    ? conv2DBackpropFilterBias(x, g, filterAttrs)
    : [runKernel(Conv2DBackpropFilter, { x, dy: g }, filterAttrs)];
  return {
    // Lazy: nobody asks for the gradient by the images.
    x: () => {
      const dx = runKernel(Conv2DBackpropInput, { dy: g, filter }, { ...shared, inputShape: x.shape });
      if (g !== dy) g.dispose();
      return dx;
    },
    filter: () => parameters[0],
    ...(hasBias && { bias: () => parameters[1] }),
  };
}

export const convBiasActivationOp: OpDefinition = { kernels: [], gradients: [fusedConv2DGradient] };
