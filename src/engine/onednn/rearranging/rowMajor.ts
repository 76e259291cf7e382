import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { bytesPerElement, type NativeType } from '../ffi/enums.js';
import { denseStrides } from '../ffi/layout.js';
import { plainType } from '../memory/storage.js';

/** A tensor's elements in row-major order. */
export interface RowMajor {
  readonly pointer: bigint;
  readonly type: NativeType;
  readonly elementBytes: number;
  /** In elements. */
  readonly strides: readonly number[];
}

const rowsAt = (pointer: bigint, type: NativeType, shape: readonly number[]): RowMajor => ({
  ...{ pointer, type, elementBytes: bytesPerElement[type] },
  strides: denseStrides(shape),
});

/** The type in which a tensor's elements can be handed on as they are; null where they are on the host only. */
export function typeToHandOn(backend: OneDnnBackend, tensor: TensorInfo): NativeType | null {
  const plain = plainType(tensor.dtype);
  return plain && (backend.storage(tensor).native?.desc.type ?? plain);
}

/** A tensor's elements as they are, in row-major order; null where they are on the host only. */
export function rowMajor(backend: OneDnnBackend, tensor: TensorInfo): RowMajor | null {
  const type = typeToHandOn(backend, tensor);
  if (type === null) return null;
  return rowsAt(backend.input(tensor, backend.descriptors.dense(tensor.shape, type)), type, tensor.shape);
}

/** The address of an element. @param at its place along each axis */
export const addressOf = ({ pointer, elementBytes, strides }: RowMajor, at: readonly number[]): bigint =>
  pointer + BigInt(elementBytes * at.reduce((sum, place, axis) => sum + place * strides[axis], 0));

/** A new tensor in row-major order, to be written. */
export function newRowMajor(
  backend: OneDnnBackend,
  { shape, dtype }: Pick<TensorInfo, 'shape' | 'dtype'>,
  type: NativeType,
): { info: TensorInfo; rows: RowMajor } {
  const { info, pointer } = backend.output(shape, dtype, backend.descriptors.dense(shape, type));
  return { info, rows: rowsAt(pointer, type, shape) };
}
