import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { product } from '../matmul.js';
import { newRowMajor, type RowMajor, rowMajor } from './rowMajor.js';

/** Elements that a copy should write on average: each takes some tenths of a microsecond. */
const FEW = 256;

/** Writes what lies at an address behind itself until it is there so many times: copies of 1, 2, 4, … times as much. */
function repeatInPlace({ native }: OneDnnBackend, at: bigint, bytes: number, times: number): void {
  for (let done = 1; done < times;) {
    const more = Math.min(done, times - done);
    native.library.copy(at + BigInt(done * bytes), at, more * bytes);
    done += more;
  }
}

/** x [..., 1] → [..., columns], f32, each element in a row of its own: as a product with a row of ones. */
function spread(backend: OneDnnBackend, x: TensorInfo, columns: number): TensorInfo {
  const { descriptors } = backend;
  const rows = util.sizeFromShape(x.shape);
  const [src, weights, dst] = [
    [rows, 1],
    [1, columns],
    [rows, columns],
  ].map((dims) => descriptors.dense(dims, 'f32'));
  const primitive = product(backend, { src, weights, bias: null, dst });
  const y = backend.output([...x.shape.slice(0, -1), columns], 'float32', dst);
  const ones = backend.input(backend.constant(1, columns), weights);
  backend.execute(primitive, [backend.input(x, src), ones, y.pointer]);
  return y.info;
}

/** The same where the last axis has one place, and so few elements would be copied at once. */
function spreadThenTiled(backend: OneDnnBackend, x: TensorInfo, times: readonly number[]): TensorInfo | null {
  const last = times.length - 1;
  if (times[last] === 1 || x.shape[last] !== 1 || x.dtype !== 'float32') return null;
  const rows = spread(backend, x, times[last]);
  if (times.every((count, axis) => axis === last || count === 1)) return rows;
  const whole = tiled(backend, rows, [...times.slice(0, last), 1]);
  backend.disposeData(rows.dataId);
  return whole;
}

/** A tensor repeated along its axes; null where that would be many copies of few elements, and for types that are on the host only. */
export function tiled(backend: OneDnnBackend, x: TensorInfo, times: readonly number[]): TensorInfo | null {
  const { shape } = x;
  const last = times.findLastIndex((count) => count !== 1);
  if (times.length !== shape.length || last < 0) return null;
  const whole = shape.map((length, axis) => length * times[axis]);
  const size = util.sizeFromShape(whole);
  const pieces = util.sizeFromShape(shape.slice(0, last + 1));
  if (size / pieces < FEW) return spreadThenTiled(backend, x, times);
  const from = rowMajor(backend, x);
  if (from === null) return null;
  const { info, rows: to } = newRowMajor(backend, { shape: whole, dtype: x.dtype }, from.type);
  const step = ({ strides, elementBytes }: RowMajor, axis: number): number => strides[axis] * elementBytes;

  /** What belongs to one place of all axes before this one. */
  const write = (axis: number, source: bigint, target: bigint): void => {
    if (axis > last) {
      backend.native.library.copy(target, source, step(from, last));
      return;
    }
    for (let i = 0; i < shape[axis]; i++) {
      const [read, written] = [from, to].map((rows) => BigInt(i * step(rows, axis)));
      write(axis + 1, source + read, target + written);
    }
    repeatInPlace(backend, target, shape[axis] * step(to, axis), times[axis]);
  };
  write(0, from.pointer, to.pointer);
  return info;
}

/** A tensor repeated to a shape that it can be broadcast to; null where it cannot, or `tiled` is. */
export function broadcast(
  backend: OneDnnBackend,
  x: TensorInfo,
  shape: readonly number[],
): TensorInfo | null {
  const lead = shape.length - x.shape.length;
  if (lead < 0) return null;
  const from = [...new Array<number>(lead).fill(1), ...x.shape];
  if (!from.every((length, axis) => length === shape[axis] || length === 1)) return null;
  return tiled(
    backend,
    { ...x, shape: from },
    shape.map((length, axis) => length / from[axis]),
  );
}

/** Repeats a tensor to a shape for as long as `use` runs; null where `broadcast` is. */
export function withWhole(
  backend: OneDnnBackend,
  tensor: TensorInfo,
  shape: readonly number[],
  use: (whole: TensorInfo) => TensorInfo | null,
): TensorInfo | null {
  const whole = broadcast(backend, tensor, shape);
  if (whole === null) return null;
  try {
    return use(whole);
  } finally {
    backend.disposeData(whole.dataId);
  }
}

/** Repeats the smaller of two tensors to the other's shape for as long as `use` runs; null where `broadcast` is. */
export function inOneShape(
  backend: OneDnnBackend,
  a: TensorInfo,
  b: TensorInfo,
  use: (a: TensorInfo, b: TensorInfo) => TensorInfo | null,
): TensorInfo | null {
  return util.sizeFromShape(a.shape) >= util.sizeFromShape(b.shape)
    ? withWhole(backend, b, a.shape, (whole) => use(a, whole))
    : withWhole(backend, a, b.shape, (whole) => use(whole, b));
}
