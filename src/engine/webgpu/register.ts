import { type KernelConfig, getKernel, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { BACKEND } from './kernel.js';
import {
  batchNormTrainingGradKernel,
  batchNormTrainingKernel,
  fusedBatchNormKernel,
} from './kernels/batchNorm.js';
import { channelSumKernel, sumKernel } from './kernels/channelSums.js';
import { conv2DKernel, fusedConv2DKernel } from './kernels/convolution.js';
import { seededDropoutGradKernel, seededDropoutKernel } from './kernels/dropout.js';
import { filterBiasGradientKernel, filterGradientKernel } from './kernels/filterGradient.js';
import { geluGradKernel, geluKernel } from './kernels/gelu.js';
import { inputGradientKernel } from './kernels/inputGradient.js';
import { addKernel } from './kernels/add.js';
import { maxPoolGradKernel, maxPoolKernel } from './kernels/maxPool.js';
import { movingMomentsKernel } from './kernels/movingMoments.js';
import { muonUpdateAllKernel } from './kernels/muon.js';
import { reluGradKernel } from './kernels/reluGrad.js';
import { siluGradKernel, siluKernel } from './kernels/silu.js';
import { softmaxCrossEntropyGradKernel, softmaxCrossEntropyKernel } from './kernels/softmaxCrossEntropy.js';
import { adamUpdateAllKernel, lerpAllKernel, scaleAllKernel, sgdUpdateAllKernel } from './kernels/updates.js';

/** The training operations, and what tfjs has but too slow to train with. */
const KERNELS = [
  ...[
    geluKernel,
    geluGradKernel,
    siluKernel,
    siluGradKernel,
    reluGradKernel,
    seededDropoutKernel,
    seededDropoutGradKernel,
  ],
  ...[
    addKernel,
    fusedBatchNormKernel,
    batchNormTrainingKernel,
    batchNormTrainingGradKernel,
    channelSumKernel,
    sumKernel,
  ],
  ...[conv2DKernel, fusedConv2DKernel, inputGradientKernel],
  ...[filterGradientKernel, filterBiasGradientKernel, maxPoolKernel, maxPoolGradKernel],
  ...[softmaxCrossEntropyKernel, softmaxCrossEntropyGradKernel],
  ...[
    adamUpdateAllKernel,
    sgdUpdateAllKernel,
    muonUpdateAllKernel,
    lerpAllKernel,
    scaleAllKernel,
    movingMomentsKernel,
  ],
];

let isRegistered = false;

/** Gives tfjs's WebGPU backend the kernels of training. Before the portable ones; calling it again changes nothing. */
export function registerWebGpuTrainingKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  for (const { kernelName, compute } of KERNELS) {
    // tfjs's types promise a kernel; its registry answers undefined for a missing one.
    const stock = getKernel(kernelName, BACKEND) as KernelConfig | undefined;
    // tfjs warns when a kernel is registered over another.
    if (stock !== undefined) unregisterKernel(kernelName, BACKEND);
    const kernelFunc: KernelConfig['kernelFunc'] = (args) => {
      const result = compute(args) ?? stock?.kernelFunc(args);
      if (result === undefined)
        throw new EngineError(`The webgpu backend has no ${kernelName} of this kind.`);
      return result;
    };
    registerKernel({ kernelName, backendName: BACKEND, kernelFunc });
  }
}
