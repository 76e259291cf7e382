import { backend_util } from '@tensorflow/tfjs-core';
import type { KernelConfig, MaxPoolGradAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { floatsOf } from './heap.js';
import type { BackendWasm } from './heap.js';

/**
 * Gradient of max-pooling: each output's goes to its window's maximum, the first one where several are equal (as in the
 * CPU backend). Visits each window once; upstream's kernel looks, for each input, through all windows that hold it.
 * @param upstream the backend's own kernel
 */
export function maxPoolGradConfig(upstream: KernelConfig): KernelConfig {
  return {
    ...upstream,
    kernelFunc: (params) => {
      const backend = params.backend as BackendWasm;
      const { dy, input } = params.inputs as { dy: TensorInfo; input: TensorInfo };
      const { filterSize, strides, pad, dimRoundingMode } = params.attrs as unknown as MaxPoolGradAttrs;
      const shape = input.shape as [number, number, number, number];
      const pool = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
      const dx = backend.makeOutput(shape, 'float32');
      const dst = floatsOf(backend, dx).fill(0);
      scatterToMaxima(pool, floatsOf(backend, input), floatsOf(backend, dy), dst);
      return dx;
    },
  };
}

function scatterToMaxima(
  pool: backend_util.Conv2DInfo,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = pool;
  const rowStride = inWidth * inChannels;
  let output = 0;
  for (let image = 0; image < pool.batchSize; image++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * pool.strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const rows = Math.min(inHeight, top + pool.filterHeight) - firstRow;
      for (let column = 0; column < outWidth; column++) {
        const left = column * pool.strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const columns = Math.min(inWidth, left + pool.filterWidth) - firstColumn;
        const corner = (image * inHeight + firstRow) * rowStride + firstColumn * inChannels;
        for (let channel = 0; channel < inChannels; channel++) {
          dx[largest(x, corner + channel, rows, columns, rowStride, inChannels)] += dy[output++];
        }
      }
    }
  }
}

/** Position of the first largest value in a window that begins at `corner`. */
function largest(
  x: Float32Array,
  corner: number,
  rows: number,
  columns: number,
  rowStride: number,
  columnStride: number,
): number {
  let best = corner;
  for (let row = 0; row < rows; row++) {
    let position = corner + row * rowStride;
    for (let column = 0; column < columns; column++, position += columnStride) {
      if (x[position] > x[best]) best = position;
    }
  }
  return best;
}
