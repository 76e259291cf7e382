import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, toNhwc } from '../convolution/axes.js';
import type { OneDnnBackend } from '../backend.js';
import { product } from '../matmul.js';
import { bytesPerElement } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/** x [rows, columns] · factor summed over one of the two, as a product with a vector of factors: f32 sums. */
export function sumMatrix(
  backend: OneDnnBackend,
  x: TensorInfo,
  [rows, columns]: readonly [number, number],
  over: 'rows' | 'columns',
  factor: number,
): TensorInfo {
  const { descriptors } = backend;
  const matrix = descriptors.dense([rows, columns], 'f32');
  const vector = descriptors.dense(over === 'rows' ? [1, rows] : [columns, 1], 'f32');
  const dst = descriptors.dense(over === 'rows' ? [1, columns] : [rows, 1], 'f32');
  const [src, weights] = over === 'rows' ? [vector, matrix] : [matrix, vector];
  const primitive = product(backend, { src, weights, bias: null, dst });
  const xPointer = backend.input(x, matrix);
  const factors = backend.input(backend.constant(factor, over === 'rows' ? rows : columns), vector);
  const y = backend.output(dst.dims, 'float32', dst);
  const operands = over === 'rows' ? [factors, xPointer] : [xPointer, factors];
  backend.execute(primitive, [...operands, y.pointer]);
  return y.info;
}

/** Images with channels in blocks, as most convolutions leave them. */
function blocked(
  { descriptors }: OneDnnBackend,
  shape: readonly number[],
  type: MemoryDesc['type'],
): MemoryDesc {
  return toNhwc(descriptors, descriptors.blocked(nchwShape(shape), type));
}

/** The sum of images that lie in blocks of channels, in the same blocks but f32: a product of a row of ones and x. */
function sumOfImages(backend: OneDnnBackend, x: TensorInfo, layout: MemoryDesc): TensorInfo {
  const { descriptors } = backend;
  const [n, ...image] = x.shape;
  const elements = layout.bytes / bytesPerElement[layout.type] / n;
  const src = descriptors.dense([1, n], layout.type);
  const weights = descriptors.dense([n, elements], layout.type);
  const dst = descriptors.dense([1, elements], 'f32');
  const primitive = product(backend, { src, weights, bias: null, dst });
  const sum = backend.output([1, ...image], 'float32', blocked(backend, [1, ...image], 'f32'));
  backend.execute(primitive, [
    backend.input(backend.constant(1, n), src),
    backend.input(x, layout),
    sum.pointer,
  ]);
  return sum.info;
}

/**
 * x [N, H, W, C] → [C], f32. Images in blocks of channels are added up as they lie in memory, whose padding is zero, and
 * only their sum is put in row-major order.
 */
export function sumByChannel(backend: OneDnnBackend, x: TensorInfo): TensorInfo {
  const [n, h, w, c] = x.shape;
  const layout = backend.layout(x);
  const byChannel = (images: TensorInfo, count: number): TensorInfo => ({
    ...sumMatrix(backend, images, [count * h * w, c], 'rows', 1),
    shape: [c],
  });
  if (layout !== blocked(backend, x.shape, layout.type)) return byChannel(x, n);
  const image = sumOfImages(backend, x, layout);
  try {
    return byChannel(image, 1);
  } finally {
    backend.disposeData(image.dataId);
  }
}
