import type { TensorInfo, backend_util } from '@tensorflow/tfjs-core';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/** Rows of images laid out as the matrices whose product is a part of a convolution's filter gradient. */

/** One row of dy of a group of images, as the right-hand matrix [1, W'·count, Cout], column by column, image by image. */
export function gatherOutputRow(
  backend: BackendWasm,
  { outHeight, outWidth, outChannels }: backend_util.Conv2DInfo,
  dy: TensorInfo,
  outRow: number,
  first: number,
  count: number,
): TensorInfo {
  const info = backend.makeOutput([1, outWidth * count, outChannels], 'float32');
  const dst = floatsOf(backend, info);
  const src = floatsOf(backend, dy);
  for (let column = 0; column < outWidth; column++) {
    for (let image = 0; image < count; image++) {
      const from = (((first + image) * outHeight + outRow) * outWidth + column) * outChannels;
      dst.set(src.subarray(from, from + outChannels), (column * count + image) * outChannels);
    }
  }
  return info;
}

/** One row of x of a group of images, transposed to [Cin, padded W, count]; the padding stays zero. */
export function gatherInputRow(
  src: Float32Array,
  dst: Float32Array,
  { inHeight, inWidth, inChannels, padInfo }: backend_util.Conv2DInfo,
  inRow: number,
  first: number,
  count: number,
  paddedWidth: number,
): void {
  const stride = paddedWidth * count;
  const columns = Math.min(inWidth, paddedWidth - padInfo.left);
  for (let column = 0; column < columns; column++) {
    for (let image = 0; image < count; image++) {
      let from = (((first + image) * inHeight + inRow) * inWidth + column) * inChannels;
      const end = from + inChannels;
      let to = (column + padInfo.left) * count + image;
      for (; from < end; from++, to += stride) dst[to] = src[from];
    }
  }
}

/** The left-hand matrix [kw·Cin, W'·count]: for each filter column, the row as that column of the filter meets it. */
export function shiftColumns(
  row: Float32Array,
  dst: Float32Array,
  { filterWidth, inChannels, outWidth, strideWidth }: backend_util.Conv2DInfo,
  count: number,
  paddedWidth: number,
): void {
  const length = outWidth * count;
  let to = 0;
  for (let tap = 0; tap < filterWidth; tap++) {
    for (let channel = 0; channel < inChannels; channel++) {
      const from = (channel * paddedWidth + tap) * count;
      if (strideWidth === 1) {
        dst.set(row.subarray(from, from + length), to);
        to += length;
      } else {
        for (let column = 0; column < outWidth; column++, to += count) {
          const start = from + column * strideWidth * count;
          dst.set(row.subarray(start, start + count), to);
        }
      }
    }
  }
}
