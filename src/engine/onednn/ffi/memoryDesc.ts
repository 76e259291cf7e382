import { bytesPerElement, type NativeType } from './enums.js';
import { isDense, isRowMajor, type Layout } from './layout.js';

/** 2.x: the struct's bytes; 3.x: a handle. */
export type RawDesc = Uint8Array | bigint;

/**
 * A memory descriptor: logical dimensions, element type, layout. Interned by `Descriptors`, so two equal
 * descriptors are the same object and `===` compares layouts. Owned by its intern table; never modified.
 */
export class MemoryDesc {
  readonly isDense: boolean;
  /** Elements in row-major order without gaps: may be copied to JavaScript, and reshaped at no cost. */
  readonly isRowMajor: boolean;
  /** Derived descriptors (permuted, reshaped, …), filled by `Descriptors`. */
  readonly derived = new Map<string, MemoryDesc>();

  constructor(
    readonly id: number,
    readonly raw: RawDesc,
    readonly layout: Layout,
    readonly bytes: number,
  ) {
    this.isDense = isDense(layout, bytes, bytesPerElement[layout.type]);
    this.isRowMajor = this.isDense && isRowMajor(layout);
  }

  get dims(): readonly number[] {
    return this.layout.dims;
  }

  get type(): NativeType {
    return this.layout.type;
  }

  /** `bf16 500x64x32x32 strides … blocks …`, for messages. */
  toString(): string {
    const { type, dims, strides, innerBlocks, innerAxes, isBlocked } = this.layout;
    const blocks = innerBlocks.map((block, index) => `${block}@${innerAxes[index]}`).join(' ');
    const layout = isBlocked
      ? `strides ${strides.join(',')}${blocks === '' ? '' : ` blocks ${blocks}`}`
      : 'any';
    return `${type} ${dims.join('x')} (${layout})`;
  }
}
