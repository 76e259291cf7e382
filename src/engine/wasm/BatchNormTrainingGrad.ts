import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTrainingGrad } from '../ops/BatchNormTrainingGrad.js';
import type { BatchNormTrainingGradAttrs } from '../ops/BatchNormTrainingGrad.js';
import { columnProducts, columnSums } from './columns.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** Three passes over the values, sums in double precision. */
export const batchNormTrainingGradConfig: KernelConfig = {
  kernelName: BatchNormTrainingGrad,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const inputs = params.inputs as Record<'dy' | 'x' | 'mean' | 'variance' | 'scale', TensorInfo>;
    const { epsilon } = params.attrs as unknown as BatchNormTrainingGradAttrs;
    const channels = inputs.scale.shape[0];
    const shapes = [inputs.x.shape, [channels], [channels]];
    const outputs = shapes.map((shape) => backend.makeOutput(shape, 'float32'));
    const [dx, dScale, dOffset] = outputs.map((info) => floatsOf(backend, info));
    const dy = floatsOf(backend, inputs.dy);
    const x = floatsOf(backend, inputs.x);
    const mean = floatsOf(backend, inputs.mean);
    const gamma = floatsOf(backend, inputs.scale);
    const inverse = Float64Array.from(floatsOf(backend, inputs.variance), (v) => 1 / Math.sqrt(v + epsilon));
    const sums = columnSums(dy, channels);
    const products = columnProducts(dy, x, mean).map((sum, c) => sum * inverse[c]);
    dOffset.set(sums);
    dScale.set(products);
    // dx = scale/√(variance + ε)·(dy − dOffset/m − x̂·dScale/m), its factors taken out of the loop.
    const count = x.length / channels;
    const factor = inverse.map((value, c) => value * gamma[c]);
    const shift = sums.map((sum) => sum / count);
    const slope = products.map((sum, c) => (sum * inverse[c]) / count);
    for (let i = 0; i < x.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        dx[i + c] = factor[c] * (dy[i + c] - shift[c] - (x[i + c] - mean[c]) * slope[c]);
      }
    }
    return outputs;
  },
};
