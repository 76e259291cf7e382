import {
  getKernelsForBackend,
  type KernelFunc,
  type NamedTensorInfoMap,
  registerBackend,
  registerKernel,
  removeBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from './backend.js';
import { CpuFallback } from './fallback.js';
import type { NativeKernel } from './kernel.js';
import { adamUpdate } from './kernels/AdamUpdate.js';
import { addN } from './kernels/AddN.js';
import { avgPool } from './kernels/AvgPool.js';
import { avgPoolGrad } from './kernels/AvgPoolGrad.js';
import { batchMatMul } from './kernels/BatchMatMul.js';
import { batchNormTraining } from './kernels/BatchNormTraining.js';
import { batchNormTrainingGrad } from './kernels/BatchNormTrainingGrad.js';
import { binaryKernels } from './kernels/binary.js';
import { channelSum } from './kernels/ChannelSum.js';
import { concat } from './kernels/Concat.js';
import { conv2D } from './kernels/Conv2D.js';
import { conv2DBackpropFilter } from './kernels/Conv2DBackpropFilter.js';
import { conv2DBackpropFilterBias } from './kernels/Conv2DBackpropFilterBias.js';
import { conv2DBackpropInput } from './kernels/Conv2DBackpropInput.js';
import { depthwiseKernels } from './kernels/depthwise.js';
import { fusedBatchNorm } from './kernels/FusedBatchNorm.js';
import { fusedConv2D } from './kernels/FusedConv2D.js';
import { fusedMatMul } from './kernels/_FusedMatMul.js';
import { gatherV2 } from './kernels/GatherV2.js';
import { gelu } from './kernels/Gelu.js';
import { geluGrad } from './kernels/GeluGrad.js';
import { globalAveragePool } from './kernels/GlobalAveragePool.js';
import { globalAveragePoolGrad } from './kernels/GlobalAveragePoolGrad.js';
import { cast, identity, reshape } from './kernels/Identity.js';
import { lerp } from './kernels/Lerp.js';
import { mappedKernels } from './kernels/mapped.js';
import { max } from './kernels/Max.js';
import { maxPool } from './kernels/MaxPool.js';
import { maxPoolGrad } from './kernels/MaxPoolGrad.js';
import { muonUpdateAll } from './kernels/MuonUpdateAll.js';
import { padV2 } from './kernels/PadV2.js';
import { reluGrad } from './kernels/ReluGrad.js';
import { seededDropout } from './kernels/SeededDropout.js';
import { seededDropoutGrad } from './kernels/SeededDropoutGrad.js';
import { sgdUpdate } from './kernels/SgdUpdate.js';
import { logSoftmax, softmax } from './kernels/Softmax.js';
import { silu } from './kernels/Silu.js';
import { siluGrad } from './kernels/SiluGrad.js';
import { resizeNearestKernels } from './kernels/resizeNearest.js';
import { slice, splitV, unpack } from './kernels/Slice.js';
import { softmaxCrossEntropy } from './kernels/SoftmaxCrossEntropy.js';
import { softmaxCrossEntropyGrad } from './kernels/SoftmaxCrossEntropyGrad.js';
import { mean, sum } from './kernels/Sum.js';
import { tile } from './kernels/Tile.js';
import { transpose } from './kernels/Transpose.js';
import { truthKernels } from './kernels/truth.js';
import { unaryKernels } from './kernels/unary.js';
import { zerosLike } from './kernels/ZerosLike.js';

/** The name tfjs knows the backend by. */
export const BACKEND_NAME = 'onednn';

/** Every kernel of ours; all others of tfjs are its CPU kernels on values that are read back. */
export const nativeKernels: readonly NativeKernel[] = [
  // convolutions and matrix products
  conv2D,
  fusedConv2D,
  conv2DBackpropInput,
  conv2DBackpropFilter,
  conv2DBackpropFilterBias,
  ...depthwiseKernels,
  batchMatMul,
  fusedMatMul,
  // pooling
  maxPool,
  maxPoolGrad,
  avgPool,
  avgPoolGrad,
  globalAveragePool,
  globalAveragePoolGrad,
  ...resizeNearestKernels,
  // normalisation and regularisation
  batchNormTraining,
  batchNormTrainingGrad,
  fusedBatchNorm,
  seededDropout,
  seededDropoutGrad,
  // losses and updates
  softmax,
  logSoftmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
  adamUpdate,
  sgdUpdate,
  muonUpdateAll,
  lerp,
  // element by element
  reluGrad,
  gelu,
  geluGrad,
  silu,
  siluGrad,
  addN,
  ...binaryKernels,
  ...unaryKernels,
  ...mappedKernels,
  ...truthKernels,
  // sums, shapes, types
  sum,
  mean,
  max,
  channelSum,
  identity,
  reshape,
  cast,
  slice,
  splitV,
  unpack,
  gatherV2,
  tile,
  transpose,
  concat,
  padV2,
  zerosLike,
];

const sizeOf = (tensor: TensorInfo): number => util.sizeFromShape(tensor.shape);

function tensorsOf(inputs: NamedTensorInfoMap): TensorInfo[] {
  return Object.values(inputs).filter((input) => input !== undefined);
}

function kernelFunc(kernel: NativeKernel, fallback: CpuFallback): KernelFunc {
  const { name, isHostWhenSmall = false } = kernel;
  return ({ inputs, attrs = {}, backend: untyped }) => {
    const backend = untyped as OneDnnBackend;
    return backend.statistics.time(name, () => {
      const sizes = tensorsOf(inputs).map(sizeOf);
      const isOnHost =
        (isHostWhenSmall && sizes.every((size) => size <= backend.hostSize)) || sizes.includes(0);
      const result = isOnHost ? null : kernel.run(inputs, attrs, backend);
      return result ?? fallback.run(name, inputs, attrs, backend);
    });
  };
}

let areKernelsRegistered = false;

/**
 * Makes the backend and its kernels known to tfjs. `create` is called when tfjs first needs the backend, and again after
 * tfjs's engine was reset, which disposes of it. A backend registered before is disposed of, with all its tensors.
 */
export function registerOneDnn(create: () => OneDnnBackend): void {
  if (areKernelsRegistered) removeBackend(BACKEND_NAME);
  registerBackend(BACKEND_NAME, create, 0);
  if (areKernelsRegistered) return;
  areKernelsRegistered = true;
  const fallback = new CpuFallback();
  for (const kernel of nativeKernels) {
    registerKernel({
      kernelName: kernel.name,
      backendName: BACKEND_NAME,
      kernelFunc: kernelFunc(kernel, fallback),
    });
  }
  const native = new Set(nativeKernels.map(({ name }) => name));
  for (const name of fallbackKernels()) {
    if (native.has(name)) continue;
    registerKernel({
      kernelName: name,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs = {}, backend }) => {
        const ours = backend as OneDnnBackend;
        return ours.statistics.time(name, () => fallback.run(name, inputs, attrs, ours));
      },
    });
  }
}

/** Names of tfjs's kernels that run on the CPU after a read-back. */
export function fallbackKernels(): string[] {
  const native = new Set(nativeKernels.map(({ name }) => name));
  return getKernelsForBackend('cpu')
    .map(({ kernelName }) => kernelName)
    .filter((name) => !native.has(name));
}
