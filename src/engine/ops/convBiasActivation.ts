import { Conv2DBackpropFilter, Conv2DBackpropInput, FusedConv2D, getBackend } from '@tensorflow/tfjs-core';
import type {
  backend_util,
  Conv2DBackpropFilterAttrs,
  FusedConv2DAttrs,
  GradConfig,
  Tensor1D,
  Tensor4D,
} from '@tensorflow/tfjs-core';
import { channelSum } from './ChannelSum.js';
import { conv2DBackpropFilterBias } from './Conv2DBackpropFilterBias.js';
import { fusedGradient } from './fusedActivation.js';
import type { FusedActivation } from './fusedActivation.js';
import { runKernel } from './kernel.js';
import type { GradientMap, OpDefinition } from './kernel.js';

export interface ConvOptions {
  /** Rows and columns the filter moves by, each at least 1; default 1. */
  strides?: [number, number] | number;
  /**
   * `same`: the output is ⌈input / stride⌉; `valid`: no padding; or the rows and columns of zeros at each side, as
   * [[0, 0], [top, bottom], [left, right], [0, 0]]. Default `same`.
   */
  pad?: 'same' | 'valid' | backend_util.ExplicitPadding;
  /** Default `linear`. */
  activation?: FusedActivation;
  /** `f32`: engines that convolve in shorter types shall not do so here, forward or backward. Others ignore it. */
  precision?: 'f32';
  /** False where the filter is never trained: its gradient is not computed, and asking for it is an error. Default true. */
  trainsFilter?: boolean;
}

/** The kernel's attributes; kernels look at the inputs for the bias, the gradient (which does not see them) at `hasBias`. */
type ConvAttrs = Omit<FusedConv2DAttrs, 'dimRoundingMode'> &
  PrecisionAttrs & { hasBias: boolean; trainsFilter: boolean };

/** Attribute of a convolution's kernels beside tfjs's own: see ConvOptions. */
export type PrecisionAttrs = Pick<ConvOptions, 'precision'>;

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
  const { strides = 1, pad = 'same', activation = 'linear', precision, trainsFilter = true } = options;
  const hasBias = bias !== null;
  const attrs: ConvAttrs = {
    ...{ strides, pad, dataFormat: 'NHWC', dilations: 1, activation },
    ...{ hasBias, trainsFilter },
    ...(precision !== undefined && { precision }),
  };
  return runKernel<Tensor4D>(FusedConv2D, hasBias ? { x, filter, bias } : { x, filter }, attrs);
}

/** Whether the current backend's gradients take padding that is not the same on all sides; tfjs-node's throw on it. */
export function hasUnevenPadding(): boolean {
  return getBackend() !== 'tensorflow';
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
  const { strides, pad, dataFormat, activation, precision } = attrs;
  const g = fusedGradient(dy, y, activation);
  const shared = { strides, pad, dataFormat, ...(precision !== undefined && { precision }) };
  // Eager, so that `g` may go as soon as the input's gradient is made.
  const parameters = parameterGradients(x, g, { ...shared, filterShape: filter.shape }, attrs);
  return {
    // Lazy: nobody asks for the gradient by the images.
    x: () => {
      const dx = runKernel(Conv2DBackpropInput, { dy: g, filter }, { ...shared, inputShape: x.shape });
      if (g !== dy) g.dispose();
      return dx;
    },
    ...parameters,
  };
}

function parameterGradients(
  x: Tensor4D,
  g: Tensor4D,
  filterAttrs: Conv2DBackpropFilterAttrs,
  { hasBias, trainsFilter }: ConvAttrs,
): GradientMap {
  if (!trainsFilter) {
    const dBias = hasBias ? channelSum(g) : undefined;
    return {
      filter: () => {
        throw new Error(
          'The gradient by a filter was asked for, but the convolution was made with trainsFilter: false.',
        );
      },
      ...(dBias && { bias: () => dBias }),
    };
  }
  if (hasBias) {
    const [dFilter, dBias] = conv2DBackpropFilterBias(x, g, filterAttrs);
    return { filter: () => dFilter, bias: () => dBias };
  }
  const dFilter = runKernel<Tensor4D>(Conv2DBackpropFilter, { x, dy: g }, filterAttrs);
  return { filter: () => dFilter };
}

export const convBiasActivationOp: OpDefinition = { kernels: [], gradients: [fusedConv2DGradient] };
