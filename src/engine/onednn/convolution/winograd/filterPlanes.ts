import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';
import type { Block } from '../../memory/memoryPool.js';
import { iohwToHwio, toHwio } from '../axes.js';
import { FLOAT_BYTES } from '../../ffi/enums.js';
import { TAPS, type Transform } from './transforms.js';
import { addresses, addUp } from './weightedSum.js';

/**
 * G g Gᵀ for a filter g [3, 3, Cin, Cout]: planes, column by column, each as a primitive takes a filter of 1×1.
 * @param isReversed for the filter with its rows and columns in reverse whose inputs are outputs
 * @param weights the primitive's layout, axes OIHW
 */
export function filterPlanes(
  backend: OneDnnBackend,
  { size, filter: map }: Transform,
  filter: TensorInfo,
  isReversed: boolean,
  weights: MemoryDesc,
): Block {
  const { descriptors, pool } = backend;
  const wanted = isReversed ? iohwToHwio(descriptors, weights) : toHwio(descriptors, weights);
  const plane = descriptors.dense(wanted.dims, 'f32');
  const tap = descriptors.dense([plane.bytes / FLOAT_BYTES], 'f32');
  const row = descriptors.dense([(TAPS * plane.bytes) / FLOAT_BYTES], 'f32');
  const taps = backend.input(filter, descriptors.dense(filter.shape, 'f32'));
  const inOrder = (vectors: bigint[]): bigint[] => (isReversed ? vectors.toReversed() : vectors);
  const rows = inOrder(addresses(taps, TAPS, row.bytes));
  const planes = backend.allocate(size ** 2 * wanted.bytes);
  const sums = backend.allocate(row.bytes);
  const sum = backend.allocate(plane.bytes);
  try {
    map.forEach((byRow, down) => {
      const from = addUp(backend, row, byRow, rows, sums.pointer);
      const columns = inOrder(addresses(from, TAPS, plane.bytes));
      map.forEach((byColumn, across) => {
        const made = addUp(backend, tap, byColumn, columns, sum.pointer);
        const at = planes.pointer + BigInt((across * size + down) * wanted.bytes);
        backend.reorder(plane, made, wanted, at);
      });
    });
    return planes;
  } finally {
    pool.release(sums);
    pool.release(sum);
  }
}

/**
 * Gᵀ u G for planes u, column by column: dFilter [3, 3, Cin, Cout], f32.
 * @param layout of a plane, axes OIHW
 */
export function filterOfPlanes(
  backend: OneDnnBackend,
  { size, filterGradient: map }: Transform,
  shape: readonly number[],
  planes: bigint,
  layout: MemoryDesc,
): TensorInfo {
  const { descriptors, pool } = backend;
  const plane = toHwio(descriptors, layout);
  const plain = descriptors.dense(plane.dims, 'f32');
  const column = descriptors.dense([(size * plane.bytes) / FLOAT_BYTES], 'f32');
  const tap = descriptors.dense([plane.bytes / FLOAT_BYTES], 'f32');
  const dFilter = backend.output(shape, 'float32', descriptors.dense(shape, 'f32'));
  const sums = backend.allocate(column.bytes);
  const sum = backend.allocate(tap.bytes);
  const columns = addresses(planes, size, column.bytes);
  const rows = addresses(sums.pointer, size, tap.bytes);
  try {
    map.forEach((byColumn, across) => {
      addUp(backend, column, byColumn, columns, sums.pointer);
      map.forEach((byRow, down) => {
        addUp(backend, tap, byRow, rows, sum.pointer);
        const at = dFilter.pointer + BigInt((down * TAPS + across) * plain.bytes);
        backend.reorder(plane, sum.pointer, plain, at);
      });
    });
    return dFilter.info;
  } finally {
    pool.release(sums);
    pool.release(sum);
  }
}
