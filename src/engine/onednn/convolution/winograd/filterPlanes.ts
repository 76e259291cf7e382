import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';
import type { Block } from '../../memory/memoryPool.js';
import { iohwToHwio, toHwio } from '../axes.js';
import { signedSum } from './signedSums.js';
import { FILTER_SIGNS, PLANES, reversedPlane } from './transforms.js';

const TAPS = 3;

/**
 * The address of G g Gᵀ for a filter g [3, 3, Cin, Cout]: sixteen planes, one after another, each as a primitive takes a filter of 1×1. Kept with the filter.
 * @param isReversed for the filter with its rows and columns in reverse whose inputs are outputs
 * @param weights the primitive's layout, axes OIHW
 */
export function filterPlanes(
  backend: OneDnnBackend,
  filter: TensorInfo,
  isReversed: boolean,
  weights: MemoryDesc,
): bigint {
  const { descriptors, pool } = backend;
  const wanted = isReversed ? iohwToHwio(descriptors, weights) : toHwio(descriptors, weights);
  return backend.kept(filter, `winograd ${isReversed} ${wanted.id}`, () => {
    const plane = descriptors.dense(wanted.dims, 'f32');
    const planes = backend.allocate(PLANES ** 2 * wanted.bytes);
    const rows = backend.allocate(2 * TAPS * plane.bytes);
    const sums = backend.allocate(plane.bytes);
    try {
      byRows(backend, filter, rows).forEach((taps, row) => {
        for (let column = 0; column < PLANES; column++) {
          const [down, across] = isReversed ? [row, column].map(reversedPlane) : [row, column];
          const from = combined(backend, plane, FILTER_SIGNS[column], taps, sums.pointer);
          const at = planes.pointer + BigInt((down * PLANES + across) * wanted.bytes);
          backend.reorder(plane, from, wanted, at);
        }
      });
      return planes;
    } finally {
      pool.release(rows);
      pool.release(sums);
    }
  });
}

/** G g: for each row of planes the addresses of three columns of taps. @param sums for the two rows that are sums */
function byRows(backend: OneDnnBackend, filter: TensorInfo, sums: Block): bigint[][] {
  const { descriptors } = backend;
  const [, , inputs, outputs] = filter.shape;
  const row = descriptors.dense([TAPS * inputs * outputs], 'f32');
  const from = backend.input(filter, descriptors.dense(filter.shape, 'f32'));
  const rows = addresses(from, TAPS, row.bytes);
  let free = sums.pointer;
  return FILTER_SIGNS.map((signs) => {
    const made = combined(backend, row, signs, rows, free);
    if (made === free) free += BigInt(row.bytes);
    return addresses(made, TAPS, row.bytes / TAPS);
  });
}

/** Σ signs[i] · vectors[i]: where that is, which is `dst` unless it is one of the vectors. */
function combined(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  signs: readonly number[],
  vectors: readonly bigint[],
  dst: bigint,
): bigint {
  const alone = signs.filter((sign) => sign !== 0).length === 1;
  if (alone) return vectors[signs.indexOf(1)];
  signedSum(backend, vector, signs, vectors, dst);
  return dst;
}

/**
 * Gᵀ u G for planes u that a primitive wrote one after another: dFilter [3, 3, Cin, Cout], f32.
 * @param layout of a plane, axes OIHW
 */
export function filterOfPlanes(
  backend: OneDnnBackend,
  shape: readonly number[],
  planes: bigint,
  layout: MemoryDesc,
): TensorInfo {
  const { descriptors, pool } = backend;
  const plane = toHwio(descriptors, layout);
  const dFilter = backend.output(shape, 'float32', descriptors.dense(shape, 'f32'));
  const values = layout.bytes / Float32Array.BYTES_PER_ELEMENT;
  const row = descriptors.dense([PLANES * values], 'f32');
  const tap = descriptors.dense([values], 'f32');
  const rows = backend.allocate(row.bytes);
  const sums = backend.allocate(tap.bytes);
  const plain = descriptors.dense(plane.dims, 'f32');
  try {
    for (let down = 0; down < TAPS; down++) {
      signedSum(backend, row, column(down), addresses(planes, PLANES, row.bytes), rows.pointer);
      for (let across = 0; across < TAPS; across++) {
        signedSum(backend, tap, column(across), addresses(rows.pointer, PLANES, tap.bytes), sums.pointer);
        const at = dFilter.pointer + BigInt((down * TAPS + across) * plain.bytes);
        backend.reorder(plane, sums.pointer, plain, at);
      }
    }
    return dFilter.info;
  } finally {
    pool.release(rows);
    pool.release(sums);
  }
}

/** A row of Gᵀ. */
const column = (tap: number): number[] => FILTER_SIGNS.map((signs) => signs[tap]);

const addresses = (start: bigint, count: number, bytes: number): bigint[] =>
  Array.from({ length: count }, (_, i) => start + BigInt(i * bytes));
