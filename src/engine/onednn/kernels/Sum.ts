import {
  Mean,
  type MeanAttrs,
  type MeanInputs,
  Sum,
  type SumAttrs,
  type SumInputs,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { nativeKernel } from '../kernel.js';
import { reducedPositions } from '../pooling/pooling.js';
import { sumMatrix } from '../elementwise/sums.js';

/** Longest run of values that one accumulator of the matrix product should take up in f32. */
const longestRun = 65536;

/** The sum times `factor` over the first or the last axes; null for axes in between. */
function sumAxes(
  backend: OneDnnBackend,
  x: TensorInfo,
  axis: number | number[],
  keepDims: boolean,
  factorOf: (count: number) => number,
): TensorInfo | null {
  const rank = x.shape.length;
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const size = util.sizeFromShape(x.shape);
  if (x.dtype !== 'float32' || size === 0 || axes.length === 0) return null;
  const isFirst = axes.every((value, index) => value === index);
  const isLast = axes.every((value, index) => value === rank - axes.length + index);
  if (!isFirst && !isLast) return null;
  const count = util.sizeFromShape(axes.map((value) => x.shape[value]));
  const kept = keepDims ? x.shape.map((length, index) => (axes.includes(index) ? 1 : length)) : [];
  const shape = keepDims ? kept : x.shape.filter((_, index) => !axes.includes(index));
  const factor = factorOf(count);
  if (!isLast) return { ...sumMatrix(backend, x, [count, size / count], 'rows', factor), shape };
  if (count > longestRun && count % 1024 === 0) {
    const rows = size / 1024;
    const partial = sumMatrix(backend, x, [rows, 1024], 'columns', 1);
    const result = sumMatrix(backend, partial, [size / count, count / 1024], 'columns', factor);
    backend.disposeData(partial.dataId);
    return { ...result, shape };
  }
  return { ...sumMatrix(backend, x, [size / count, count], 'columns', factor), shape };
}

/** Over the first or the last axes, in f32. */
export const sum = nativeKernel<SumInputs, SumAttrs & { keepDims?: boolean }>(
  Sum,
  ({ x }, { axis, keepDims }, backend) => sumAxes(backend, x, axis, keepDims ?? false, () => 1),
  { isHostWhenSmall: true },
);

/** Over the first or the last axes, in f32; over the positions of images, as stock global average pooling has it. */
export const mean = nativeKernel<MeanInputs, MeanAttrs>(
  Mean,
  ({ x }, { axis, keepDims }, backend) =>
    reducedPositions(backend, 'average', x, axis, keepDims) ??
    sumAxes(backend, x, axis, keepDims, (count) => 1 / count),
  { isHostWhenSmall: true },
);
