import { util, ZerosLike, type ZerosLikeInputs } from '@tensorflow/tfjs-core';
import { plainType } from '../memory/storage.js';
import { nativeKernel } from '../kernel.js';
import { newRowMajor } from '../rearranging/rowMajor.js';

/** Zeros of a tensor's shape and type, as gradients of what nothing hangs on. */
export const zerosLike = nativeKernel<ZerosLikeInputs>(
  ZerosLike,
  ({ x }, _, backend) => {
    const type = plainType(x.dtype);
    if (type === null) return null;
    const { info, rows } = newRowMajor(backend, x, type);
    backend.native.library.clear(rows.pointer, util.sizeFromShape(x.shape) * rows.elementBytes);
    return info;
  },
  { isHostWhenSmall: true },
);
