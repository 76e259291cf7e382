import { bytesPerElement, type NativeType } from '../ffi/enums.js';
import { elements, type Layout } from '../ffi/layout.js';
import type { NativeLibrary } from '../ffi/library.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/** A layout with padding and blocks within blocks. */
export const isPaddedTwice = ({ isDense, layout }: MemoryDesc): boolean =>
  !isDense && layout.isBlocked && layout.innerBlocks.length > 1;

/** Where an element lies, in elements. */
function offsetOf(layout: Layout, index: readonly number[]): number {
  const rest = [...index];
  let offset = layout.offset;
  let stride = 1;
  for (let i = layout.innerBlocks.length - 1; i >= 0; i--) {
    const axis = layout.innerAxes[i];
    const block = layout.innerBlocks[i];
    offset += (rest[axis] % block) * stride;
    rest[axis] = Math.floor(rest[axis] / block);
    stride *= block;
  }
  return rest.reduce((sum, position, axis) => sum + position * layout.strides[axis], offset);
}

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** To the nearest bf16, ties to even; NaN stays NaN. */
export function toBf16(value: number): number {
  word[0] = value;
  const [all] = bits;
  if (Number.isNaN(value)) return (all >>> 16) | 0x40;
  return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
}

function fromBf16(half: number): number {
  bits[0] = half << 16;
  return word[0];
}

type Elements = Float32Array | Int32Array | Uint16Array | Uint8Array;

function room(type: NativeType, bytes: number): Elements {
  const length = bytes / bytesPerElement[type];
  switch (type) {
    case 'bf16':
      return new Uint16Array(length);
    case 'f32':
      return new Float32Array(length);
    case 's32':
      return new Int32Array(length);
    case 'u8':
      return new Uint8Array(length);
  }
}

/**
 * Copies elements from one layout to another in JavaScript: slow, for the small tensors that the library gets wrong.
 * Padding becomes zero.
 */
export function hostReorder(
  library: NativeLibrary,
  srcDesc: MemoryDesc,
  src: bigint,
  dstDesc: MemoryDesc,
  dst: bigint,
): void {
  const from = room(srcDesc.type, srcDesc.bytes);
  const to = room(dstDesc.type, dstDesc.bytes);
  library.copyOut(new Uint8Array(from.buffer), src, srcDesc.bytes);
  const { dims } = srcDesc;
  const index = dims.map(() => 0);
  for (let count = elements(dims); count > 0; count--) {
    const stored = from[offsetOf(srcDesc.layout, index)];
    const value = srcDesc.type === 'bf16' ? fromBf16(stored) : stored;
    to[offsetOf(dstDesc.layout, index)] = dstDesc.type === 'bf16' ? toBf16(value) : value;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
  library.copyIn(dst, new Uint8Array(to.buffer), dstDesc.bytes);
}
