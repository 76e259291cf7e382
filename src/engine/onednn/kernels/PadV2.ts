import { PadV2, type PadV2Attrs, type PadV2Inputs, util } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { addressOf, newRowMajor, typeToHandOn } from '../rearranging/rowMajor.js';

/** A tensor with zeros around it; null for other numbers. */
export const padV2 = nativeKernel<PadV2Inputs, PadV2Attrs>(
  PadV2,
  ({ x }, { paddings, constantValue }, backend) => {
    const type = typeToHandOn(backend, x);
    if (type === null || constantValue !== 0 || x.shape.length === 0) return null;
    const shape = x.shape.map((length, axis) => paddings[axis][0] + length + paddings[axis][1]);
    const { info, rows } = newRowMajor(backend, { shape, dtype: x.dtype }, type);
    backend.native.library.clear(rows.pointer, util.sizeFromShape(shape) * rows.elementBytes);
    const desc = backend.layout(x);
    const place = backend.descriptors.strided(x.shape, type, rows.strides);
    backend.reorder(
      desc,
      backend.input(x, desc),
      place,
      addressOf(
        rows,
        paddings.map(([before]) => before),
      ),
    );
    return info;
  },
  { isHostWhenSmall: true },
);
