import {
  BatchMatMul,
  Conv2DBackpropInput,
  MaxPoolGrad,
  getKernel,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { adamUpdateConfig } from './AdamUpdate.js';
import { batchMatMulConfig } from './BatchMatMul.js';
import { batchNormTrainingConfig } from './BatchNormTraining.js';
import { batchNormTrainingGradConfig } from './BatchNormTrainingGrad.js';
import { channelSumConfig } from './ChannelSum.js';
import { conv2DBackpropFilterConfig } from './Conv2DBackpropFilter.js';
import { conv2DBackpropFilterBiasConfig } from './Conv2DBackpropFilterBias.js';
import { conv2DBackpropInputConfig } from './Conv2DBackpropInput.js';
import { globalAveragePoolGradConfig } from './GlobalAveragePoolGrad.js';
import { maxPoolGradConfig } from './MaxPoolGrad.js';
import { reluGradConfig } from './ReluGrad.js';

/** Kernels it lacks: one that tfjs has elsewhere, and the training operations whose portable kernels are slow on it. */
const ADDED: readonly KernelConfig[] = [
  conv2DBackpropFilterConfig,
  conv2DBackpropFilterBiasConfig,
  channelSumConfig,
  reluGradConfig,
  batchNormTrainingConfig,
  batchNormTrainingGradConfig,
  globalAveragePoolGradConfig,
  adamUpdateConfig,
];

/** Kernels it has, but too slow to train with: name → replacement around the original. */
const REPLACED: readonly [string, (upstream: KernelConfig) => KernelConfig][] = [
  [Conv2DBackpropInput, conv2DBackpropInputConfig],
  [BatchMatMul, batchMatMulConfig],
  [MaxPoolGrad, maxPoolGradConfig],
];

let registered = false;

/** Gives tfjs's WASM backend what training needs. Before the backend's portable kernels; calling it again changes nothing. */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  for (const config of ADDED) registerKernel(config);
  for (const [kernelName, replace] of REPLACED) {
    const upstream = getKernel(kernelName, 'wasm');
    // tfjs warns when a kernel is registered over another.
    unregisterKernel(kernelName, 'wasm');
    registerKernel(replace(upstream));
  }
}
