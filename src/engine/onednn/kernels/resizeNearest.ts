import {
  ResizeNearestNeighbor,
  type ResizeNearestNeighborAttrs,
  ResizeNearestNeighborGrad,
  type ResizeNearestNeighborGradInputs,
  type ResizeNearestNeighborInputs,
} from '@tensorflow/tfjs-core';
import { unary } from '../elementwise/elementwise.js';
import { type NativeKernel, nativeKernel } from '../kernel.js';
import { pool, poolingOfTensor } from '../pooling/pooling.js';
import { addressOf, newRowMajor, typeToHandOn } from '../rearranging/rowMajor.js';

/** How many times as many rows and columns there are after an upsampling; null where that is not a whole number, or corners are aligned. */
function factorsOf(
  [, height, width]: readonly number[],
  { alignCorners, size }: ResizeNearestNeighborAttrs,
): [number, number] | null {
  const factors: [number, number] = [size[0] / height, size[1] / width];
  return !alignCorners && factors.every(Number.isInteger) ? factors : null;
}

/** Images whose pixels become blocks of pixels, as stock upsampling has it. */
export const resizeNearestKernels: readonly NativeKernel[] = [
  nativeKernel<ResizeNearestNeighborInputs, ResizeNearestNeighborAttrs>(
    ResizeNearestNeighbor,
    ({ images }, attrs, backend) => {
      const factors = factorsOf(images.shape, attrs);
      const type = typeToHandOn(backend, images);
      if (factors === null || type === null || images.dtype !== 'float32') return null;
      const [rows, columns] = factors;
      const [n, h, w, c] = images.shape;
      const { info, rows: to } = newRowMajor(
        backend,
        { shape: [n, h * rows, w * columns, c], dtype: images.dtype },
        type,
      );
      const [image, row, pixel, channel] = to.strides;
      const spaced = backend.descriptors.strided(images.shape, type, [
        ...[image, row * rows, pixel * columns, channel],
      ]);
      const desc = backend.layout(images);
      const from = backend.input(images, desc);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) backend.reorder(desc, from, spaced, addressOf(to, [0, i, j, 0]));
      }
      return info;
    },
    { isHostWhenSmall: true },
  ),
  // The sum over each block.
  nativeKernel<ResizeNearestNeighborGradInputs, ResizeNearestNeighborAttrs>(
    ResizeNearestNeighborGrad,
    ({ images, dy }, attrs, backend) => {
      const [, height, width] = dy.shape;
      const factors = factorsOf(images.shape, { ...attrs, size: [height, width] });
      if (factors === null || dy.dtype !== 'float32') return null;
      const pooling = poolingOfTensor(backend, 'average', dy, {
        ...{ filterSize: factors, strides: factors, pad: 'valid' },
      });
      if (pooling === null) return null;
      const mean = pool(backend, pooling, dy, false);
      const sum = unary(backend, 'linear', mean, factors[0] * factors[1]);
      backend.disposeData(mean.dataId);
      return sum;
    },
    { isHostWhenSmall: true },
  ),
];
