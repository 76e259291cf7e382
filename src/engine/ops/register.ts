import { getGradient, getKernel, registerGradient, registerKernel } from '@tensorflow/tfjs-core';
import { adamUpdateOp } from './AdamUpdate.js';
import { adamUpdateAllOp } from './AdamUpdateAll.js';
import { batchNormTrainingOp } from './BatchNormTraining.js';
import { batchNormTrainingGradOp } from './BatchNormTrainingGrad.js';
import { channelSumOp } from './ChannelSum.js';
import { conv2DBackpropFilterBiasOp } from './Conv2DBackpropFilterBias.js';
import { convBiasActivationOp } from './convBiasActivation.js';
import { denseBiasActivationOp } from './denseBiasActivation.js';
import { geluOp } from './Gelu.js';
import { geluGradOp } from './GeluGrad.js';
import { globalAveragePoolOp } from './GlobalAveragePool.js';
import { globalAveragePoolGradOp } from './GlobalAveragePoolGrad.js';
import type { OpDefinition } from './kernel.js';
import { lerpOp } from './Lerp.js';
import { lerpAllOp } from './LerpAll.js';
import { movingMomentsOp } from './MovingMoments.js';
import { muonUpdateAllOp } from './MuonUpdateAll.js';
import { reluGradOp } from './ReluGrad.js';
import { scaleAllOp } from './ScaleAll.js';
import { seededDropoutOp } from './SeededDropout.js';
import { seededDropoutGradOp } from './SeededDropoutGrad.js';
import { sgdUpdateOp } from './SgdUpdate.js';
import { sgdUpdateAllOp } from './SgdUpdateAll.js';
import { siluOp } from './Silu.js';
import { siluGradOp } from './SiluGrad.js';
import { softmaxCrossEntropyOp } from './SoftmaxCrossEntropy.js';
import { softmaxCrossEntropyGradOp } from './SoftmaxCrossEntropyGrad.js';

const DEFINITIONS: readonly OpDefinition[] = [
  convBiasActivationOp,
  denseBiasActivationOp,
  reluGradOp,
  channelSumOp,
  conv2DBackpropFilterBiasOp,
  geluOp,
  geluGradOp,
  siluOp,
  siluGradOp,
  batchNormTrainingOp,
  batchNormTrainingGradOp,
  seededDropoutOp,
  seededDropoutGradOp,
  globalAveragePoolOp,
  globalAveragePoolGradOp,
  softmaxCrossEntropyOp,
  softmaxCrossEntropyGradOp,
  movingMomentsOp,
  adamUpdateOp,
  adamUpdateAllOp,
  sgdUpdateOp,
  sgdUpdateAllOp,
  muonUpdateAllOp,
  scaleAllOp,
  lerpOp,
  lerpAllOp,
];

/**
 * Completes a backend with the portable kernels of the training operations. A kernel the backend has already is kept:
 * a backend with kernels of its own registers them first. The gradients, common to all backends, are registered once.
 * Calling it again changes nothing.
 * @param backendName the name tfjs knows the backend by
 */
export function registerPortableKernels(backendName: string): void {
  for (const { kernels, gradients } of DEFINITIONS) {
    for (const kernel of kernels) {
      // tfjs's types promise a kernel; its registry answers undefined for a missing one.
      const existing: unknown = getKernel(kernel.kernelName, backendName);
      if (existing === undefined) registerKernel({ ...kernel, backendName });
    }
    for (const gradient of gradients) {
      const existing: unknown = getGradient(gradient.kernelName);
      if (existing === undefined) registerGradient(gradient);
    }
  }
}
