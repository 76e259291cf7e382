import { AddN, type TensorInfo } from '@tensorflow/tfjs-core';
import { commonLayout, commonType, flat } from '../elementwise/elementwise.js';
import type { PostOp } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';

/** What the library takes in one chain. */
const mostPostOps = 32;

/** The sum of tensors of one shape, in one pass: an addition followed by additions. */
export const addN = nativeKernel<Record<string, TensorInfo>>(
  AddN,
  (inputs, _attrs, backend) => {
    const tensors = Object.values(inputs);
    if (tensors.some(({ dtype }) => dtype !== 'float32')) return null;
    if (tensors.length < 2 || tensors.length > mostPostOps + 2) return null;
    const layout = backend.descriptors.withType(commonLayout(backend, tensors), commonType(backend, tensors));
    const vector = flat(backend, layout);
    const rest = tensors.slice(2).map((): PostOp => ({ kind: 'binary', operation: 'add', src1: vector }));
    const { postOpBase } = backend.native.abi;
    const primitive = backend.primitive(
      `addN|${tensors.length}|${vector.id}`,
      [ARG.src, ARG.src1, ARG.dst, ...rest.map((_, index) => (postOpBase * (index + 1)) | ARG.src1)],
      () => ({ kind: 'binary', operation: 'add', src0: vector, src1: vector, dst: vector }),
      rest,
    );
    const y = backend.output(tensors[0].shape, 'float32', layout);
    const [first, second, ...others] = tensors.map((tensor) => backend.input(tensor, layout));
    backend.execute(primitive, [first, second, y.pointer, ...others]);
    return y.info;
  },
  { isHostWhenSmall: true },
);
