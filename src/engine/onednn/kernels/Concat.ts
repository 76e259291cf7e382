import { backend_util, Concat, type ConcatAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { addressOf, newRowMajor, typeToHandOn } from '../rearranging/rowMajor.js';

/** Tensors behind one another along an axis. */
export const concat = nativeKernel<Record<string, TensorInfo>, ConcatAttrs>(
  Concat,
  (inputs, attrs, backend) => {
    const tensors = Object.values(inputs);
    const { shape, dtype } = tensors[0];
    const [axis] = util.parseAxisParam(attrs.axis, shape);
    backend_util.assertParamsConsistent(
      tensors.map((tensor) => tensor.shape),
      axis,
    );
    const types = new Set(tensors.map((tensor) => typeToHandOn(backend, tensor)));
    const type = types.has('bf16') && types.size > 1 ? 'f32' : [...types][0];
    if (type === null || shape.length === 0 || tensors.some((tensor) => tensor.dtype !== dtype)) return null;
    const lengths = tensors.map((tensor) => tensor.shape[axis]);
    const whole = shape.map((length, i) => (i === axis ? lengths.reduce((a, b) => a + b, 0) : length));
    const { info, rows } = newRowMajor(backend, { shape: whole, dtype }, type);
    let start = 0;
    for (const tensor of tensors) {
      const place = backend.descriptors.strided(tensor.shape, type, rows.strides);
      const desc = backend.layout(tensor);
      const to = addressOf(
        rows,
        whole.map((_, i) => (i === axis ? start : 0)),
      );
      backend.reorder(desc, backend.input(tensor, desc), place, to);
      start += tensor.shape[axis];
    }
    return info;
  },
  { isHostWhenSmall: true },
);
