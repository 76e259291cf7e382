import { Conv2D, backend_util } from '@tensorflow/tfjs-core';
import type { Conv2DBackpropInputAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { callKernel, floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/**
 * Gradient of a convolution of stride 1 by its input: a forward convolution of dy with the filter turned by 180° and its
 * channels exchanged, on XNNPACK's fast path. Upstream's kernel, a plain loop an eighth as fast, stays for the rest
 * (larger strides, negative padding).
 * @param upstream the backend's own kernel
 */
export function conv2DBackpropInputConfig(upstream: KernelConfig): KernelConfig {
  return {
    // Upstream's set-up is kept with it.
    ...upstream,
    kernelFunc: (params) => {
      const backend = params.backend as BackendWasm;
      const { dy, filter } = params.inputs as { dy: TensorInfo; filter: TensorInfo };
      const attrs = params.attrs as unknown as Conv2DBackpropInputAttrs;
      const pad = paddingOfGradient(filter, attrs);
      return pad === null ? upstream.kernelFunc(params) : asConvolution(backend, dy, filter, pad);
    },
  };
}

type ExplicitPadding = backend_util.ExplicitPadding;

/** The padding with which dy's convolution gives the input's gradient, or null when no such convolution exists. */
function paddingOfGradient(filter: TensorInfo, attrs: Conv2DBackpropInputAttrs): ExplicitPadding | null {
  const { inputShape, strides, pad, dataFormat, dimRoundingMode } = attrs;
  if (dataFormat !== 'NHWC') return null;
  const filterShape = filter.shape as [number, number, number, number];
  const conv = backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode);
  if (conv.strideHeight !== 1 || conv.strideWidth !== 1) return null;
  const top = conv.filterHeight - 1 - conv.padInfo.top;
  const left = conv.filterWidth - 1 - conv.padInfo.left;
  // What is missing at the bottom and right to the input's size.
  const bottom = conv.inHeight - (conv.outHeight + top - conv.filterHeight + 1);
  const right = conv.inWidth - (conv.outWidth + left - conv.filterWidth + 1);
  if (Math.min(top, left, bottom, right) < 0) return null;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

function asConvolution(
  backend: BackendWasm,
  dy: TensorInfo,
  filter: TensorInfo,
  pad: ExplicitPadding,
): TensorInfo {
  const turned = turnFilter(backend, filter);
  const attrs = { strides: 1, pad, dataFormat: 'NHWC', dilations: 1 };
  const dx = callKernel(Conv2D, backend, { x: dy, filter: turned }, attrs);
  // Releases XNNPACK's packed copy too, which is kept by the filter's identity.
  backend.disposeData(turned.dataId);
  return dx;
}

/** [kh, kw, Cin, Cout] turned by 180° and with its channels exchanged: [kh, kw, Cout, Cin]. */
function turnFilter(backend: BackendWasm, filter: TensorInfo): TensorInfo {
  const [height, width, inChannels, outChannels] = filter.shape;
  const turned = backend.makeOutput([height, width, outChannels, inChannels], 'float32');
  const src = floatsOf(backend, filter);
  const dst = floatsOf(backend, turned);
  const taps = height * width;
  const tapSize = inChannels * outChannels;
  for (let tap = 0; tap < taps; tap++) {
    const from = tap * tapSize;
    const to = (taps - 1 - tap) * tapSize;
    for (let i = 0; i < inChannels; i++) {
      for (let o = 0; o < outChannels; o++) dst[to + o * inChannels + i] = src[from + i * outChannels + o];
    }
  }
  return turned;
}
