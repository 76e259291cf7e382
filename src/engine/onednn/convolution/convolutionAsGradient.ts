import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { Ending } from './ending.js';
import type { Operation } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import type { Geometry } from './geometry.js';
import { hasChannels, isChannelsLast, isDenseOnAvx2 } from './layouts.js';
import type { Block } from '../memory/memoryPool.js';
import { bytesOf } from '../memory/storage.js';
import { isReversible, reversedFilter, reversedWindow } from './reversedFilter.js';

/**
 * Whether a convolution is faster as the gradient by the input of another one: in f32 on AVX2, whose kernel of that gradient does 140–180 GFLOP/s on
 * maps on which the forward one does 70–140 (scripts/LOG.md). An activation then takes a pass of its own, which many channels pay for.
 */
export function isGradientFaster(
  backend: OneDnnBackend,
  geometry: Geometry,
  { bias, postOps }: Ending,
): boolean {
  const { y, filter } = geometry;
  const isSmall = Math.max(y[1], y[2]) <= 16 && filter[0] * filter[1] > 1;
  const isPlain = bias === null && postOps.length === 0;
  const isPaid = bias !== null && hasChannels(geometry, 128);
  const isSuited = isSmall && hasChannels(geometry, 64) && (isPlain || isPaid);
  const isPossible = isDenseOnAvx2(backend, geometry) && isReversible(geometry);
  return isSuited && isPossible && !isChannelsLast(backend, geometry);
}

/** activation(x ⊛ filter + bias) as the gradient by the input of the convolution by the filter in reverse. */
export function convolutionAsGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  ending: Ending,
): TensorInfo {
  const { descriptors } = backend;
  const [kh, kw, inputs, outputs] = geometry.filter;
  const wanted = (kind: 'convolution' | 'convolutionBackwardData') => (): Operation => ({
    kind,
    descs: {
      src: descriptors.blocked(nchwShape(geometry.y), 'f32'),
      weights: descriptors.any([inputs, outputs, kh, kw], 'f32'),
      bias: null,
      dst: descriptors.blocked(nchwShape(geometry.x), 'f32'),
    },
    window: reversedWindow(geometry),
    isTraining: true,
  });
  const primitive = backend.primitive(
    `convAsGradient|${geometry.key}`,
    [ARG.diffDst, ARG.weights, ARG.diffSrc],
    wanted('convolutionBackwardData'),
    [],
    wanted('convolution'),
  );
  const from = backend.input(x, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const weights = reversedFilter(backend, filter, geometry.filter, primitive.desc(ARG.weights));
  const y = backend.output(geometry.y, 'float32', toNhwc(descriptors, primitive.desc(ARG.diffSrc)));
  backend.execute(primitive, [from, weights, y.pointer]);
  if (ending.bias !== null) addBias(backend, geometry.y, y.pointer, ending.bias, ending);
  return y.info;
}

/** In place, to sums [N, H, W, C] in blocks: a row an image, since the library is slow with a number a channel. */
function addBias(
  backend: OneDnnBackend,
  shape: readonly number[],
  sums: bigint,
  bias: TensorInfo,
  { postOps, key }: Ending,
): void {
  const { descriptors } = backend;
  const [images, height, width, channels] = shape;
  const size = height * width * channels;
  const [rows, row] = [descriptors.dense([images, size], 'f32'), descriptors.dense([1, size], 'f32')];
  const primitive = backend.primitive(
    `addBias|${rows.id}|${key}`,
    [ARG.src, ARG.src1, ARG.dst],
    () => ({ kind: 'binary', operation: 'add', src0: rows, src1: row, dst: rows }),
    postOps,
  );
  const image = backend.kept(bias, `image ${height * width}`, () =>
    imageOf(backend, backend.values(bias) as Float32Array, height * width),
  );
  backend.execute(primitive, [sums, image, sums]);
}

/** A bias at so many positions, in blocks of channels. */
function imageOf(backend: OneDnnBackend, bias: Float32Array, positions: number): Block {
  const block = backend.descriptors.channelBlock;
  const image = new Float32Array(bias.length * positions);
  for (let start = 0; start < bias.length; start += block) {
    const channels = bias.subarray(start, start + block);
    for (let i = 0; i < positions; i++) image.set(channels, start * positions + i * block);
  }
  const memory = backend.allocate(image.byteLength);
  backend.native.library.copyIn(memory.pointer, bytesOf(image), image.byteLength);
  return memory;
}
