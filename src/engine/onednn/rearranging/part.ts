import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { addressOf, newRowMajor, rowMajor } from './rowMajor.js';

/** Whether the elements of a part follow one another: nothing is left out within what comes first. */
function isInARow(shape: readonly number[], size: readonly number[]): boolean {
  const first = size.findIndex((length) => length > 1);
  return first < 0 || size.every((length, axis) => axis <= first || length === shape[axis]);
}

/** A part of a tensor, as a new one; null for empty parts, and for types that are on the host only. */
export function part(
  backend: OneDnnBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): TensorInfo | null {
  if (x.shape.length === 0 || util.sizeFromShape([...size]) === 0) return null;
  const from = rowMajor(backend, x);
  if (from === null) return null;
  const { info, rows } = newRowMajor(backend, { shape: [...size], dtype: x.dtype }, from.type);
  const start = addressOf(from, begin);
  if (isInARow(x.shape, size)) {
    backend.native.library.copy(rows.pointer, start, util.sizeFromShape([...size]) * rows.elementBytes);
  } else {
    const { descriptors } = backend;
    const within = descriptors.strided(size, from.type, from.strides);
    backend.reorder(within, start, descriptors.dense(size, from.type), rows.pointer);
  }
  return info;
}

/** Parts behind one another along an axis, of those lengths; null where `part` is. */
export function partsAlong(
  backend: OneDnnBackend,
  x: TensorInfo,
  axis: number,
  lengths: readonly number[],
): TensorInfo[] | null {
  if (lengths.includes(0)) return null;
  const parts: TensorInfo[] = [];
  let start = 0;
  for (const length of lengths) {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const size = x.shape.map((whole, i) => (i === axis ? length : whole));
    const made = part(backend, x, begin, size);
    if (made === null) return null;
    parts.push(made);
    start += length;
  }
  return parts;
}
