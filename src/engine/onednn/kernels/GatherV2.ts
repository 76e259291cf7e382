import { GatherV2, type GatherV2Attrs, type GatherV2Inputs, util } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { addressOf, newRowMajor, rowMajor } from '../rearranging/rowMajor.js';

/** Rows of fewer bytes, if they are many, are read to the host: a copy takes as long for one byte as for some hundreds. */
const SHORT_ROW = 64;

/** Chosen entries along the first axis, such as a batch's of a data set; each run of neighbours is copied at once. */
export const gatherV2 = nativeKernel<GatherV2Inputs, GatherV2Attrs>(
  GatherV2,
  ({ x, indices }, { axis, batchDims }, backend) => {
    const [first] = util.parseAxisParam(axis, x.shape);
    if (first !== 0 || (batchDims ?? 0) !== 0 || indices.dtype !== 'int32') return null;
    const [length, ...rest] = x.shape;
    const places = backend.values(indices) as Int32Array;
    // The CPU kernel says what is wrong.
    if (places.length === 0 || places.some((place) => place < 0 || place >= length)) return null;
    const rowSize = util.sizeFromShape(rest);
    if (rowSize * Float32Array.BYTES_PER_ELEMENT < SHORT_ROW && places.length > length) return null;
    const from = rowMajor(backend, x);
    if (from === null) return null;
    const { info, rows } = newRowMajor(
      backend,
      { shape: [...indices.shape, ...rest], dtype: x.dtype },
      from.type,
    );
    const rowBytes = rowSize * from.elementBytes;
    for (let start = 0, end = 1; start < places.length; start = end++) {
      while (end < places.length && places[end] === places[end - 1] + 1) end++;
      const to = rows.pointer + BigInt(start * rowBytes);
      backend.native.library.copy(to, addressOf(from, [places[start]]), (end - start) * rowBytes);
    }
    return info;
  },
  { isHostWhenSmall: true },
);
