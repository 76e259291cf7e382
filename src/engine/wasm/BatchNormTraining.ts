import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { BatchNormTraining } from '../ops/BatchNormTraining.js';
import type { BatchNormTrainingAttrs } from '../ops/BatchNormTraining.js';
import { columnSums, squaredDeviations } from './columns.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** Three passes over the values, sums in double precision. */
export const batchNormTrainingConfig: KernelConfig = {
  kernelName: BatchNormTraining,
  backendName: 'wasm',
  kernelFunc: (params) => {
    const backend = params.backend as BackendWasm;
    const { x, scale, offset } = params.inputs as Record<'x' | 'scale' | 'offset', TensorInfo>;
    const { epsilon } = params.attrs as unknown as BatchNormTrainingAttrs;
    const channels = x.shape[x.shape.length - 1];
    const outputs = [x.shape, [channels], [channels]].map((shape) => backend.makeOutput(shape, 'float32'));
    const [dst, mean, variance] = outputs.map((info) => floatsOf(backend, info));
    const src = floatsOf(backend, x);
    const count = src.length / channels;
    const centre = columnSums(src, channels).map((sum) => sum / count);
    const spread = squaredDeviations(src, centre).map((sum) => sum / count);
    mean.set(centre);
    variance.set(spread);
    const gamma = floatsOf(backend, scale);
    const beta = floatsOf(backend, offset);
    const factor = spread.map((value, c) => gamma[c] / Math.sqrt(value + epsilon));
    for (let i = 0; i < src.length; i += channels) {
      for (let c = 0; c < channels; c++) dst[i + c] = (src[i + c] - centre[c]) * factor[c] + beta[c];
    }
    return outputs;
  },
};
