import { channelsLast, nchwShape, oihwShape } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { ConvolutionDescs, Operation } from '../ffi/abi.js';
import type { NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { type Geometry, isDense, isDenseBf16, typeOf } from './geometry.js';

/** Channels to and from which a convolution has so many at least, and no block of 16 of them is filled in part. */
export function hasChannels({ filter }: Geometry, least: number): boolean {
  return [filter[2], filter[3]].every((channels) => channels >= least && channels % 16 === 0);
}

/**
 * Whether a convolution is faster on activations with their channels last (scripts/LOG.md). Elsewhere the library may choose, and takes
 * channels in blocks.
 */
export const isChannelsLast = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  isLastInBf16(backend, geometry) || isLastOnAvx2(backend, geometry);

/** The same of its gradient by the filter, which in bf16 on small maps channels in blocks suit better. */
export const isLastForFilterGradient = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  isLastOnAvx2(backend, geometry) || (isLastInBf16(backend, geometry) && hasPartBlock(geometry));

/** Whether a dense filter's convolution is computed in f32 on a processor that has AVX2 and no AVX-512, or that the library takes so. */
export const isDenseOnAvx2 = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  backend.native.instructionSet.startsWith('avx2') &&
  isDense(geometry) &&
  typeOf(backend, geometry) === 'f32';

/**
 * In bf16: on maps of 5 to 12 rows and columns (of 8 to 12 from more than 256 channels), by a tenth to a sixth, and where the
 * input's last block of channels would be half empty, by a fifth.
 */
function isLastInBf16(backend: OneDnnBackend, geometry: Geometry): boolean {
  const { y, filter } = geometry;
  const least = filter[2] > 256 ? 8 : 5;
  const isSmall = [y[1], y[2]].every((size) => size >= least && size <= 12);
  const isSuited = hasPartBlock(geometry) || (isSmall && hasChannels(geometry, 64));
  return isSuited && isDenseBf16(backend, geometry);
}

/**
 * In f32 on AVX2, for which the library has had other kernels than for blocks since 3.2: on maps of up to 15 rows and columns, forward by a
 * fifth to four fifths, the gradient by the input by up to a third. On larger ones the gradient by the filter loses what the others gain.
 */
function isLastOnAvx2(backend: OneDnnBackend, geometry: Geometry): boolean {
  const [major, minor] = backend.native.library.version;
  if (major < 3 || (major === 3 && minor < 2)) return false;
  const { y } = geometry;
  const isSmall = Math.max(y[1], y[2]) <= 15 && hasChannels(geometry, 64);
  return isSmall && isDenseOnAvx2(backend, geometry);
}

/** Whether the input's second and last block of 16 channels is filled in part, as by the 24 of the fast nets. */
function hasPartBlock({ filter }: Geometry): boolean {
  return filter[2] > 16 && filter[2] < 32 && filter[3] % 16 === 0;
}

/** The layout in which a convolution takes or gives activations, axes NCHW. */
export function activation(
  { descriptors }: OneDnnBackend,
  shape: readonly number[],
  type: NativeType,
  isLast: boolean,
): MemoryDesc {
  const dims = nchwShape(shape);
  return isLast ? channelsLast(descriptors, dims, type) : descriptors.any(dims, type);
}

export function descsOf(
  backend: OneDnnBackend,
  geometry: Geometry,
  type: NativeType,
  weightsType: NativeType,
  hasBias: boolean,
  isLast = false,
): ConvolutionDescs {
  const { descriptors } = backend;
  return {
    src: activation(backend, geometry.x, type, isLast),
    weights: descriptors.any(oihwShape(geometry.filter), weightsType),
    bias: hasBias ? descriptors.dense([geometry.y[3]], 'f32') : null,
    dst: activation(backend, geometry.y, type, isLast),
  };
}

export const operation = (
  kind: 'convolution' | 'convolutionBackwardData' | 'convolutionBackwardWeights',
  descs: ConvolutionDescs,
  geometry: Geometry,
): Operation => ({ kind, descs, window: geometry.window, isTraining: true });
