import type { TensorInfo } from '@tensorflow/tfjs-core';
import { channelsLast } from './axes.js';
import { chunkOf, Columns } from './columns.js';
import type { OneDnnBackend } from '../backend.js';
import { ADD_TO_RESULT } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Primitive } from '../ffi/primitive.js';
import { type Geometry, POINTWISE } from './geometry.js';
import { HeldImages } from './heldImages.js';
import { isDenseOnAvx2 } from './layouts.js';

/**
 * The gradient by the filter as a product of columns, dyᵀ · columns, summed over chunks of images: a 1×1 convolution whose channels are the
 * positions of a chunk's images, whose pixels are dy's channels, and whose filters are the columns. For f32 on AVX2, where the library's kernels
 * for this gradient reach six tenths of the processor's peak, and those of 1×1 convolutions nine tenths.
 */

/** Channels to and from which the product gains more than its copies cost (scripts/LOG.md). */
const LEAST = { inputs: 64, outputs: 256 };

/** Whether this is faster than the library's own kernel. */
export function isColumnProductFaster(backend: OneDnnBackend, geometry: Geometry): boolean {
  const { x, filter, y } = geometry;
  const [kh, kw, inputs, outputs] = filter;
  const isWide = kh * kw > 1 && inputs >= LEAST.inputs && outputs >= LEAST.outputs;
  const isFilled = [inputs, outputs, x[0] * y[1] * y[2]].every(
    (size) => size % backend.descriptors.channelBlock === 0,
  );
  return isWide && isFilled && isDenseOnAvx2(backend, geometry);
}

/** dFilter [kh, kw, Cin, Cout], f32; null where the library lays filters out in a way that columns are not written in. */
export function columnFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo | null {
  const chunk = chunkOf(geometry);
  const first = product(backend, geometry, chunk, false);
  if (!takesColumns(first.desc(ARG.weights), backend.descriptors.channelBlock)) return null;
  const [images] = geometry.x;
  const [src, weights, dst] = [ARG.src, ARG.weights, ARG.dst].map((arg) =>
    backend.allocate(first.desc(arg).bytes),
  );
  const columns = new Columns(backend, geometry, x);
  const held = new HeldImages(backend, dy, 'f32');
  try {
    for (let start = 0; start < images; start += chunk) {
      const count = Math.min(chunk, images - start);
      columns.write(start, count, weights.pointer);
      turn(backend, held, { start, count }, geometry, src.pointer);
      const primitive = start === 0 ? first : product(backend, geometry, count, true);
      backend.execute(primitive, [src.pointer, weights.pointer, dst.pointer]);
    }
    return rowMajor(backend, geometry, dst.pointer);
  } finally {
    columns.release();
    for (const block of [src, weights, dst]) backend.pool.release(block);
  }
}

/** For so many images; the columns' layout is the library's choice. */
function product(
  backend: OneDnnBackend,
  { filter, y }: Geometry,
  images: number,
  isAdding: boolean,
): Primitive {
  const { descriptors } = backend;
  const [kh, kw, inputs, outputs] = filter;
  const [rows, positions] = [kh * kw * inputs, images * y[1] * y[2]];
  return backend.primitive(
    `columnFilter|${rows}|${outputs}|${positions}|${isAdding}`,
    [ARG.src, ARG.weights, ARG.dst],
    () => ({
      kind: 'convolution',
      descs: {
        src: descriptors.blocked([1, positions, 1, outputs], 'f32'),
        weights: descriptors.any([rows, positions, 1, 1], 'f32'),
        bias: null,
        dst: descriptors.blocked([1, rows, 1, outputs], 'f32'),
      },
      window: POINTWISE,
      isTraining: true,
    }),
    isAdding ? [ADD_TO_RESULT] : [],
  );
}

/** Whether filters [rows, positions] lie as columns are written: [rows / block, positions, rows mod block]. */
function takesColumns({ layout }: MemoryDesc, block: number): boolean {
  const { dims, strides, innerBlocks, innerAxes, isBlocked } = layout;
  const isSquare = innerBlocks.join() === `${block},${block}` && innerAxes.join() === '1,0';
  return isBlocked && isSquare && strides[0] === dims[1] * block && strides[1] === block * block;
}

/** Writes dy of images start…start + count as [positions / block, Cout, positions mod block]. */
function turn(
  backend: OneDnnBackend,
  held: HeldImages,
  { start, count }: { start: number; count: number },
  { y }: Geometry,
  dst: bigint,
): void {
  const { descriptors } = backend;
  const [, height, width, channels] = y;
  const block = descriptors.channelBlock;
  const dims = [(count * height * width) / block, block, channels];
  const [from, into] = [descriptors.dense(dims, 'f32'), descriptors.dense(dims, 'f32', [0, 2, 1])];
  if (held.isChannelsLast) {
    backend.reorder(from, held.addressOf(start), into, dst);
    return;
  }
  const last = backend.allocate(from.bytes);
  try {
    const lastDesc = channelsLast(descriptors, [count, channels, height, width], 'f32');
    backend.reorder(held.layoutOf(count), held.addressOf(start), lastDesc, last.pointer);
    backend.reorder(from, last.pointer, into, dst);
  } finally {
    backend.pool.release(last);
  }
}

/** The product [rows / block, Cout, rows mod block] as a filter. */
function rowMajor(backend: OneDnnBackend, { filter }: Geometry, product: bigint): TensorInfo {
  const { descriptors } = backend;
  const [kh, kw, inputs, outputs] = filter;
  const block = descriptors.channelBlock;
  const dims = [(kh * kw * inputs) / block, block, outputs];
  const dFilter = backend.output(filter, 'float32', descriptors.dense(filter, 'f32'));
  backend.reorder(
    descriptors.dense(dims, 'f32', [0, 2, 1]),
    product,
    descriptors.dense(dims, 'f32'),
    dFilter.pointer,
  );
  return dFilter.info;
}
