import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { toNchw } from './convolution/axes.js';
import type { OneDnnBackend } from './backend.js';
import type { MemoryDesc } from './ffi/memoryDesc.js';

/** x [..., C] as images: its layout with axes NHWC, and the same with NCHW. */
export function imageLayouts(
  backend: OneDnnBackend,
  x: TensorInfo,
): { nhwc: MemoryDesc; nchw: MemoryDesc; channels: number } {
  const channels = x.shape[x.shape.length - 1];
  const dims = x.shape.length === 4 ? x.shape : [util.sizeFromShape(x.shape) / channels, 1, 1, channels];
  const nhwc = backend.layout(x, dims);
  return { nhwc, nchw: toNchw(backend.descriptors, nhwc), channels };
}
