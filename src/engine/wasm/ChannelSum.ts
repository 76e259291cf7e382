import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { ChannelSum } from '../ops/ChannelSum.js';
import { columnSums } from './columns.js';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** Σ x [..., C] by channel, in one pass in double precision: the portable kernel transposes the images first. */
export function sumByChannel(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const channels = x.shape[x.shape.length - 1];
  const sums = backend.makeOutput([channels], 'float32');
  floatsOf(backend, sums).set(columnSums(floatsOf(backend, x), channels));
  return sums;
}

export const channelSumConfig: KernelConfig = {
  kernelName: ChannelSum,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend }) => sumByChannel(backend as BackendWasm, (inputs as { x: TensorInfo }).x),
};
