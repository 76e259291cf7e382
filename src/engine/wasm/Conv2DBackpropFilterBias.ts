import type { Conv2DBackpropFilterAttrs, KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { Conv2DBackpropFilterBias } from '../ops/Conv2DBackpropFilterBias.js';
import { sumByChannel } from './ChannelSum.js';
import { filterGradient } from './Conv2DBackpropFilter.js';
import type { BackendWasm } from './heap.js';

/** The filter's gradient, and the bias's summed in double precision. */
export const conv2DBackpropFilterBiasConfig: KernelConfig = {
  kernelName: Conv2DBackpropFilterBias,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const { x, dy } = params.inputs as { x: TensorInfo; dy: TensorInfo };
    const dFilter = filterGradient(backend, x, dy, params.attrs as unknown as Conv2DBackpropFilterAttrs);
    return [dFilter, sumByChannel(backend, dy)];
  },
};
