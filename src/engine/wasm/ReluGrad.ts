import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { ReluGrad } from '../ops/ReluGrad.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** One pass over the values where the portable kernel makes four. */
export const reluGradConfig: KernelConfig = {
  kernelName: ReluGrad,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const { dy, y } = params.inputs as { dy: TensorInfo; y: TensorInfo };
    const dx = backend.makeOutput(dy.shape, 'float32');
    const dyValues = floatsOf(backend, dy);
    const yValues = floatsOf(backend, y);
    const dst = floatsOf(backend, dx);
    for (let i = 0; i < dst.length; i++) dst[i] = yValues[i] > 0 ? dyValues[i] : 0;
    return dx;
  },
};
