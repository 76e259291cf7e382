import { AddN, type TensorInfo } from '@tensorflow/tfjs-core';
import { commonLayout, commonType, flat } from '../elementwise.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

/** The sum of any number of tensors of one shape, in one pass. */
export const addN = nativeKernel<Record<string, TensorInfo>>(
  AddN,
  (inputs, _attrs, backend) => {
    const tensors = Object.values(inputs);
    if (tensors.some(({ dtype }) => dtype !== 'float32')) return null;
    const type = commonType(backend, tensors);
    const layout = backend.descriptors.withType(commonLayout(backend, tensors), type);
    const dst = flat(backend, layout);
    const primitive = backend.primitive(
      `sum|${tensors.length}|${dst.id}`,
      [...tensors.map((_, index) => ARG.multipleSrc + index), ARG.dst],
      () => ({ kind: 'sum', scales: tensors.map(() => 1), srcs: tensors.map(() => dst), dst }),
    );
    const y = backend.output(tensors[0].shape, 'float32', layout);
    backend.execute(primitive, [...tensors.map((tensor) => backend.input(tensor, layout)), y.pointer]);
    return y.info;
  },
  { isHostWhenSmall: true },
);
