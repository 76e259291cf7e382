import {
  backend_util,
  Slice,
  type SliceAttrs,
  type SliceInputs,
  slice_util,
  SplitV,
  type SplitVAttrs,
  type SplitVInputs,
  Unpack,
  type UnpackAttrs,
  type UnpackInputs,
  util,
} from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { part, partsAlong } from '../rearranging/part.js';

/** A part, such as a batch's of a data set. */
export const slice = nativeKernel<SliceInputs, SliceAttrs>(
  Slice,
  ({ x }, attrs, backend) => {
    const [begin, size] = slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    slice_util.assertParamsValid(x, begin, size);
    return part(backend, x, begin, size);
  },
  { isHostWhenSmall: true },
);

/** Parts behind one another along an axis. */
export const splitV = nativeKernel<SplitVInputs, SplitVAttrs>(
  SplitV,
  ({ x }, attrs, backend) => {
    const [axis] = util.parseAxisParam(attrs.axis, x.shape);
    return partsAlong(backend, x, axis, backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis));
  },
  { isHostWhenSmall: true },
);

/** What there is at each place along an axis, such as the steps of sequences. */
export const unpack = nativeKernel<UnpackInputs, UnpackAttrs>(
  Unpack,
  ({ value }, attrs, backend) => {
    const [axis] = util.parseAxisParam(attrs.axis, value.shape);
    const parts = partsAlong(backend, value, axis, new Array<number>(value.shape[axis]).fill(1));
    const shape = value.shape.filter((_, i) => i !== axis);
    return parts && parts.map((info) => ({ ...info, shape }));
  },
  { isHostWhenSmall: true },
);
