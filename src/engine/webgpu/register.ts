import { getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { BACKEND } from './kernel.js';
import { batchNormTrainingGradKernel, batchNormTrainingKernel } from './kernels/batchNorm.js';
import { channelSumKernel } from './kernels/channelSums.js';
import { seededDropoutGradKernel, seededDropoutKernel } from './kernels/dropout.js';
import { filterBiasGradientKernel, filterGradientKernel } from './kernels/filterGradient.js';
import { geluGradKernel, geluKernel } from './kernels/gelu.js';
import { maxPoolGradKernel } from './kernels/maxPoolGrad.js';
import { reluGradKernel } from './kernels/reluGrad.js';
import { softmaxCrossEntropyGradKernel, softmaxCrossEntropyKernel } from './kernels/softmaxCrossEntropy.js';
import { adamUpdateKernel, lerpKernel, sgdUpdateKernel } from './kernels/updates.js';

/** The training operations, and what tfjs has but too slow to train with. */
const KERNELS = [
  ...[geluKernel, geluGradKernel, reluGradKernel, seededDropoutKernel, seededDropoutGradKernel],
  ...[batchNormTrainingKernel, batchNormTrainingGradKernel, channelSumKernel],
  ...[filterGradientKernel, filterBiasGradientKernel, maxPoolGradKernel],
  ...[softmaxCrossEntropyKernel, softmaxCrossEntropyGradKernel],
  ...[adamUpdateKernel, sgdUpdateKernel, lerpKernel],
];

/** Gives tfjs's WebGPU backend the kernels of training. Before the portable ones; calling it again changes nothing. */
export function registerWebGpuTrainingKernels(): void {
  for (const kernel of KERNELS) {
    const existing: unknown = getKernel(kernel.kernelName, BACKEND);
    if (existing === kernel) continue;
    // tfjs warns when a kernel is registered over another.
    if (existing !== undefined) unregisterKernel(kernel.kernelName, BACKEND);
    registerKernel(kernel);
  }
}
