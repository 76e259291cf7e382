import type { TensorInfo } from '@tensorflow/tfjs-core';
import { iohwToHwio } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import { ADD_TO_RESULT, type ConvolutionDescs } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { type Geometry, isDenseBf16 } from './geometry.js';
import { HeldImages } from './heldImages.js';

/**
 * The gradient by the filter as a forward convolution with the roles turned: each input channel is an image, each image
 * of the batch a channel, and dy a filter of the output's size, which gives dFilter as [Cin, Cout, kh, kw]. The library's
 * own kernel computes rows by pixels, which maps of 8 and 16 columns fill and others waste; this one pairs images.
 * Images go by chunks whose dy stays in the second-level cache; scripts/LOG.md has the figures behind the sizes.
 */

/** Images at once for maps of up to so many rows or columns; wider maps gain nothing. */
const CHUNKS: readonly { upTo: number; images: number }[] = [
  { upTo: 4, images: 32 },
  { upTo: 7, images: 64 },
];

/** Images and channels exchanged. */
const TURNED = [1, 0, 2, 3];

/** Images at once, or null where the library's own kernel is the better one. */
function chunkFor(backend: OneDnnBackend, geometry: Geometry): number | null {
  const { x, filter, y } = geometry;
  const [images, , , inputs] = x;
  // Fewer channels than fill the registers, and odd numbers of images, which layouts pad: not worth it.
  const isWide = inputs >= 32 && filter[3] % 16 === 0 && images % 2 === 0;
  if (!isWide || !isDenseBf16(backend, geometry)) return null;
  const size = Math.max(y[1], y[2]);
  const chunk = CHUNKS.find(({ upTo }) => size <= upTo)?.images;
  return chunk === undefined || images < chunk ? null : chunk;
}

/** dFilter [kh, kw, Cin, Cout], f32; null where the library's own kernel is the better one. */
export function turnedFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo | null {
  const chunk = chunkFor(backend, geometry);
  if (chunk === null) return null;
  const images = x.shape[0];
  const xs = new HeldImages(backend, x, 'bf16');
  const dys = new HeldImages(backend, dy, 'bf16');
  const first = turnedPrimitive(backend, geometry, chunk, false);
  const dstDesc = first.desc(ARG.dst);
  const dFilter = backend.output(geometry.filter, 'float32', iohwToHwio(backend.descriptors, dstDesc));
  const src = backend.allocate(first.desc(ARG.src).bytes);
  const weights = backend.allocate(first.desc(ARG.weights).bytes);
  try {
    for (let start = 0; start < images; start += chunk) {
      const count = Math.min(chunk, images - start);
      const primitive = start === 0 ? first : turnedPrimitive(backend, geometry, count, true, dstDesc);
      turn(backend, xs, start, count, primitive.desc(ARG.src), src.pointer);
      turn(backend, dys, start, count, primitive.desc(ARG.weights), weights.pointer);
      backend.execute(primitive, [src.pointer, weights.pointer, dFilter.pointer]);
    }
  } finally {
    backend.pool.release(src);
    backend.pool.release(weights);
  }
  return dFilter.info;
}

/** @param dst the result's layout, once the first chunk's primitive has chosen it */
function turnedPrimitive(
  backend: OneDnnBackend,
  { key, x, filter, y, window }: Geometry,
  images: number,
  isAdding: boolean,
  dst?: MemoryDesc,
): ReturnType<OneDnnBackend['primitive']> {
  const { descriptors } = backend;
  const [kh, kw, inputs, outputs] = filter;
  const descs = (): ConvolutionDescs => ({
    src: descriptors.any([inputs, images, x[1], x[2]], 'bf16'),
    weights: descriptors.any([outputs, images, y[1], y[2]], 'bf16'),
    bias: null,
    dst: dst ?? descriptors.any([inputs, outputs, kh, kw], 'f32'),
  });
  return backend.primitive(
    `turnedFilter|${key}|${images}|${isAdding}`,
    [ARG.src, ARG.weights, ARG.dst],
    () => ({ kind: 'convolution', descs: descs(), window, isTraining: true }),
    isAdding ? [ADD_TO_RESULT] : [],
  );
}

/** Writes images start…start + count to `dst` in the layout `desc`, whose first axis is the channel. */
function turn(
  backend: OneDnnBackend,
  held: HeldImages,
  start: number,
  count: number,
  desc: MemoryDesc,
  dst: bigint,
): void {
  const turned = backend.descriptors.permute(held.layoutOf(count), TURNED);
  backend.reorder(turned, held.addressOf(start), desc, dst);
}
