import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { AdamUpdate } from '../ops/AdamUpdate.js';
import type { AdamUpdateAttrs } from '../ops/AdamUpdate.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** One pass over the parameters where the portable kernel makes twelve. */
export const adamUpdateConfig: KernelConfig = {
  kernelName: AdamUpdate,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const inputs = params.inputs as Record<'parameter' | 'm' | 'v' | 'gradient', TensorInfo>;
    const { learningRate, beta1, beta2, epsilon } = params.attrs as unknown as AdamUpdateAttrs;
    const { shape } = inputs.parameter;
    const outputs = [0, 1, 2].map(() => backend.makeOutput(shape, 'float32'));
    const [newParameter, newM, newV] = outputs.map((info) => floatsOf(backend, info));
    const parameter = floatsOf(backend, inputs.parameter);
    const m = floatsOf(backend, inputs.m);
    const v = floatsOf(backend, inputs.v);
    const gradient = floatsOf(backend, inputs.gradient);
    for (let i = 0; i < parameter.length; i++) {
      const g = gradient[i];
      const mean = beta1 * m[i] + (1 - beta1) * g;
      const square = beta2 * v[i] + (1 - beta2) * g * g;
      newM[i] = mean;
      newV[i] = square;
      newParameter[i] = parameter[i] - (learningRate * mean) / (Math.sqrt(square) + epsilon);
    }
    return outputs;
  },
};
