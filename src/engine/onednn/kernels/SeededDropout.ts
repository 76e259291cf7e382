import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { SeededDropout, type SeededDropoutAttrs } from '../../ops/SeededDropout.js';
import type { OneDnnBackend } from '../backend.js';
import { applyMask, maskDesc } from '../dropout.js';
import { ARG } from '../ffi/enums.js';
import { nativeKernel } from '../kernel.js';
import { randomBytes } from '../randomBytes.js';

/** Rates are rounded to multiples of 1/256: one random byte an element. */
const resolution = 256;

/** The mask: 1 where a random byte is at least rate·256. */
function makeMask(
  backend: OneDnnBackend,
  x: TensorInfo,
  { rate, seed, counter }: SeededDropoutAttrs,
): TensorInfo {
  const { descriptors } = backend;
  const size = util.sizeFromShape(x.shape);
  const vector = descriptors.dense([size], 'u8');
  const one = descriptors.dense([1], 'f32');
  // byte − (threshold − 1), between 0 and 1: comparisons of bytes exist as well, but not compiled.
  const below = backend.constant(Math.round(rate * resolution) - 1, 1);
  const primitive = backend.primitive(
    `dropoutMask|${size}`,
    [ARG.src, ARG.src1, ARG.dst],
    () => ({ kind: 'binary', operation: 'sub', src0: vector, src1: one, dst: vector }),
    [{ kind: 'eltwise', function: 'clip', alpha: 0, beta: 1 }],
  );
  const mask = backend.output(x.shape, 'bool', maskDesc(backend, x));
  const random = backend.allocate(size);
  try {
    randomBytes(size, seed, counter, (piece, at) => {
      backend.native.library.copyIn(random.pointer + BigInt(at), piece, piece.length);
    });
    backend.execute(primitive, [random.pointer, backend.input(below, one), mask.pointer]);
  } finally {
    backend.pool.release(random);
  }
  return mask.info;
}

/**
 * x → [x·mask/(1 − rate), mask]. The mask is a pure function of seed, counter, x's shape and the layout x is in,
 * which in a network follows from the shapes alone.
 */
export const seededDropout = nativeKernel<{ x: TensorInfo }, SeededDropoutAttrs>(
  SeededDropout,
  ({ x }, attrs, backend) => {
    const mask = makeMask(backend, x, attrs);
    return [applyMask(backend, x, mask, attrs.rate), mask];
  },
);
