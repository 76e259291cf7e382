import type { NativeType } from './enums.js';

/** How a memory descriptor lays its elements out, read from the library's answer. Sizes in elements. */
export interface Layout {
  readonly dims: readonly number[];
  readonly paddedDims: readonly number[];
  readonly type: NativeType;
  /** False for `any` and for formats that are not made of strides and blocks (Winograd, packed). */
  readonly isBlocked: boolean;
  readonly offset: number;
  readonly strides: readonly number[];
  readonly innerBlocks: readonly number[];
  /** The axis of each inner block. */
  readonly innerAxes: readonly number[];
}

export const elements = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Strides of the dense layout in which `order` lists the axes from the outermost to the innermost. */
export function denseStrides(dims: readonly number[], order?: readonly number[]): number[] {
  const axes = order ?? dims.map((_, axis) => axis);
  const strides = new Array<number>(dims.length).fill(1);
  let stride = 1;
  for (const axis of [...axes].reverse()) {
    strides[axis] = stride;
    stride *= Math.max(dims[axis], 1);
  }
  return strides;
}

/** No gaps and no padding: the memory holds exactly the elements, in some order. */
export function isDense(layout: Layout, bytes: number, elementBytes: number): boolean {
  return layout.isBlocked && layout.offset === 0 && bytes === elements(layout.dims) * elementBytes;
}

/**
 * Whether the elements lie in memory in row-major order of `dims`. Axes of size 1 do not count, and a channel
 * block next to the rest of its channels is the same memory as plain channels (N×1×1×C in blocks of 16).
 */
export function isRowMajor(layout: Layout): boolean {
  if (!layout.isBlocked || layout.offset !== 0) return false;
  if (layout.dims.some((size, axis) => size !== layout.paddedDims[axis])) return false;
  const innerSize = layout.dims.map(() => 1);
  layout.innerBlocks.forEach((block, index) => (innerSize[layout.innerAxes[index]] *= block));
  const outer = layout.dims
    .map((size, axis) => ({ axis, size: size / innerSize[axis], stride: layout.strides[axis] }))
    .filter(({ size }) => size > 1)
    .sort((a, b) => b.stride - a.stride);
  const inner = layout.innerBlocks.map((size, index) => ({ axis: layout.innerAxes[index], size }));
  const chunks = [...outer, ...inner.filter(({ size }) => size > 1)];
  // Dense from the inside out.
  let expected = elements(layout.innerBlocks);
  for (const { size, stride } of [...outer].reverse()) {
    if (stride !== expected) return false;
    expected *= size;
  }
  return chunks.every(({ axis }, index) => index === 0 || chunks[index - 1].axis <= axis);
}
