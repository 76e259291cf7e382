import {
  Cast,
  type CastAttrs,
  type CastInputs,
  Identity,
  type IdentityInputs,
  Reshape,
  type ReshapeAttrs,
  type ReshapeInputs,
  util,
} from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';

/** The same values again: one more owner. */
export const identity = nativeKernel<IdentityInputs>(Identity, ({ x }, _, backend) => {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
});

/** The same values under another shape. The layout changes, if it must, when a primitive asks for the new shape. */
export const reshape = nativeKernel<ReshapeInputs, ReshapeAttrs>(Reshape, ({ x }, { shape }, backend) => {
  const size = util.sizeFromShape(x.shape);
  const resolved = util.inferFromImplicitShape(shape, size);
  util.assert(
    util.sizeFromShape(resolved) === size,
    () => `Reshape: ${size} elements do not fit the shape [${resolved.join(', ')}].`,
  );
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: resolved, dtype: x.dtype };
});

/** To the same type, or from whole numbers and truth values to float32. */
export const cast = nativeKernel<CastInputs, CastAttrs>(
  Cast,
  ({ x }, { dtype }, backend) => {
    if (x.dtype === dtype) {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype };
    }
    if (dtype !== 'float32' || (x.dtype !== 'int32' && x.dtype !== 'bool')) return null;
    const desc = backend.descriptors.withType(backend.layout(x), 'f32');
    const y = backend.output(x.shape, 'float32', desc);
    backend.reorder(backend.layout(x), backend.input(x, backend.layout(x)), desc, y.pointer);
    return y.info;
  },
  { isHostWhenSmall: true },
);
