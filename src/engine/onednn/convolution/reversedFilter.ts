import type { TensorInfo } from '@tensorflow/tfjs-core';
import { iohwToHwio } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { Window } from '../ffi/abi.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Geometry } from './geometry.js';

/**
 * A convolution and the gradient by the input of another are the same sums: that of a filter whose rows and columns are in reverse and whose
 * inputs are outputs, with the padding that the window leaves over. The library has different kernels for the two.
 */

/** Whether the window leaves over no less than nothing. */
export const isReversible = ({ filter, window }: Geometry): boolean =>
  [window.padBefore, window.padAfter].every((padding) => padding.every((rows, axis) => rows < filter[axis]));

export function reversedWindow({ filter, window }: Geometry): Window {
  const around = (padding: readonly number[]): number[] =>
    padding.map((rows, axis) => filter[axis] - 1 - rows);
  return { ...window, padBefore: around(window.padBefore), padAfter: around(window.padAfter) };
}

/**
 * The address of a filter [kh, kw, Cin, Cout] with its rows and columns in reverse, as a primitive takes it whose filter has Cin outputs and Cout inputs.
 * @param weights the primitive's layout, axes OIHW
 */
export function reversedFilter(
  backend: OneDnnBackend,
  filter: TensorInfo,
  shape: readonly number[],
  weights: MemoryDesc,
): bigint {
  const { descriptors, native, pool } = backend;
  const wanted = iohwToHwio(descriptors, weights);
  return backend.kept(filter, `reversed ${wanted.id}`, () => {
    const plain = descriptors.dense(shape, 'f32');
    const from = backend.input(filter, plain);
    const reversed = backend.allocate(plain.bytes);
    const taps = shape[0] * shape[1];
    const tapBytes = plain.bytes / taps;
    try {
      for (let tap = 0; tap < taps; tap++) {
        const to = reversed.pointer + BigInt((taps - 1 - tap) * tapBytes);
        native.library.copy(to, from + BigInt(tap * tapBytes), tapBytes);
      }
      const block = backend.allocate(wanted.bytes);
      backend.reorder(plain, reversed.pointer, wanted, block.pointer);
      return block;
    } finally {
      pool.release(reversed);
    }
  });
}
