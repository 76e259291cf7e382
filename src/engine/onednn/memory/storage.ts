import type { backend_util, DataType } from '@tensorflow/tfjs-core';
import type { NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Block } from './memoryPool.js';

/** A tensor's elements in native memory. `desc` has the tensor's axes in tfjs's order. */
export interface NativeData {
  readonly desc: MemoryDesc;
  readonly block: Block;
}

/** What a max-pooling leaves for its gradient: where each maximum was. */
export interface Workspace {
  readonly key: string;
  readonly block: Block;
}

/**
 * The data behind one tfjs data id. Its values are on the host, in native memory, or both, and never change.
 * The storage owns its blocks: they go back to the pool when the last tensor that uses the data id is disposed of.
 */
export interface Storage {
  readonly dtype: DataType;
  refCount: number;
  /** Strings, and complex numbers (real and imaginary parts in turn), are nowhere else. */
  host: backend_util.BackendValues | null;
  native: NativeData | null;
  /** The same values in other layouts or types, or made into something named, for consumers that needed it. */
  readonly copies: Map<MemoryDesc | string, Block>;
  workspace: Workspace | null;
}

const plainTypes: Readonly<Partial<Record<DataType, NativeType>>> = {
  float32: 'f32',
  int32: 's32',
  bool: 'u8',
};

/** The type in which a tfjs dtype is held when nothing asks for another; null: on the host only. */
export const plainType = (dtype: DataType): NativeType | null => plainTypes[dtype] ?? null;

export type NumericArray = Float32Array | Int32Array | Uint8Array;

/** Room for `size` elements on the host. */
export function hostArray(dtype: DataType, size: number): NumericArray {
  if (dtype === 'int32') return new Int32Array(size);
  if (dtype === 'bool') return new Uint8Array(size);
  return new Float32Array(size);
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
