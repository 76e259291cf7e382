import { Transpose, type TransposeAttrs, type TransposeInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { newRowMajor, typeToHandOn } from '../rearranging/rowMajor.js';

/** A tensor with its axes in another order. */
export const transpose = nativeKernel<TransposeInputs, TransposeAttrs>(
  Transpose,
  ({ x }, { perm }, backend) => {
    const type = typeToHandOn(backend, x);
    if (type === null || x.shape.length < 2) return null;
    const { descriptors } = backend;
    const shape = perm.map((axis) => x.shape[axis]);
    const desc = backend.layout(x);
    const places = x.shape.map((_, axis) => perm.indexOf(axis));
    const { info, rows } = newRowMajor(backend, { shape, dtype: x.dtype }, type);
    const pointer = backend.input(x, desc);
    backend.reorder(descriptors.permute(desc, places), pointer, descriptors.dense(shape, type), rows.pointer);
    return info;
  },
  { isHostWhenSmall: true },
);
