import type { OneDnnBackend } from '../backend.js';
import type { PostOp } from '../ffi/abi.js';
import { ARG, type BinaryKind } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/** Element-wise arithmetic on vectors of f32: several operations in one pass over memory, a piece of the vectors at a time. */

/** Elements at a time, so that what one pass writes is in the cache for the next. */
const pieceSize = 2 ** 18;

/** A link of a chain: what is computed so far ∘ the operand. */
export interface Link {
  readonly operation: BinaryKind;
  /** Address of as many values as the chain has, or of one number from `withScalars`. */
  readonly operand: bigint;
  readonly isScalar: boolean;
}

export const withVector = (operation: BinaryKind, operand: bigint): Link => ({
  operation,
  operand,
  isScalar: false,
});

export const withScalar = (operation: BinaryKind, operand: bigint): Link => ({
  operation,
  operand,
  isScalar: true,
});

/** Calls `pass` for one piece after another. @param pass gets the piece's layout, and what moves an address to its start */
export function inPieces(
  { descriptors }: OneDnnBackend,
  size: number,
  pass: (vector: MemoryDesc, at: (pointer: bigint) => bigint) => void,
): void {
  for (let start = 0; start < size; start += pieceSize) {
    const bytes = BigInt(start * Float32Array.BYTES_PER_ELEMENT);
    pass(descriptors.dense([Math.min(pieceSize, size - start)], 'f32'), (pointer) => pointer + bytes);
  }
}

/** Bytes from one number to the next: each in a cache line of its own. */
const scalarStride = 64;

/** Numbers as operands of chains, for as long as `use` runs. @param use gets their addresses, in their order */
export function withScalars<T>(
  backend: OneDnnBackend,
  numbers: readonly number[],
  use: (pointers: bigint[]) => T,
): T {
  const values = new Float32Array((numbers.length * scalarStride) / Float32Array.BYTES_PER_ELEMENT);
  numbers.forEach((number, i) => (values[(i * scalarStride) / Float32Array.BYTES_PER_ELEMENT] = number));
  const block = backend.allocate(values.byteLength);
  try {
    backend.native.library.copyIn(block.pointer, new Uint8Array(values.buffer), values.byteLength);
    return use(numbers.map((_, i) => block.pointer + BigInt(i * scalarStride)));
  } finally {
    backend.pool.release(block);
  }
}

/** ((src ∘ first) ∘ second) …, in one pass. The destination may be one of the operands. */
export function chain(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  src: bigint,
  links: readonly [Link, ...Link[]],
  dst: bigint,
): void {
  const scalar = backend.descriptors.dense([1], 'f32');
  const { postOpBase } = backend.native.abi;
  const [first, ...rest] = links;
  const descOf = ({ isScalar }: Link): MemoryDesc => (isScalar ? scalar : vector);
  const primitive = backend.primitive(
    `chain|${vector.id}|${links.map(({ operation, isScalar }) => `${operation} ${isScalar}`).join('|')}`,
    [ARG.src, ARG.src1, ARG.dst, ...rest.map((_, index) => (postOpBase * (index + 1)) | ARG.src1)],
    () => ({ kind: 'binary', operation: first.operation, src0: vector, src1: descOf(first), dst: vector }),
    rest.map((link): PostOp => ({ kind: 'binary', operation: link.operation, src1: descOf(link) })),
  );
  backend.execute(primitive, [src, first.operand, dst, ...rest.map(({ operand }) => operand)]);
}
