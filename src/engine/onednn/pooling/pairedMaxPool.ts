import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { channelsLast, nchwShape, toNhwc } from '../convolution/axes.js';
import { HeldImages, stridesOf } from '../convolution/heldImages.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { fitsCode } from '../machine/fitsCode.js';
import { runStrips, type Strides, vectorsOf } from '../machine/strips.js';
import { maxPoolCode, maxPoolGradientCode } from './maxPoolCode.js';
import { type PoolAttrs, windowsOf } from './pooling.js';

/*
 * Maxima of windows of 2×2 that lie beside each other and fill the images, f32, by machine code of our own where processors have AVX2 and no
 * AVX-512: the library's kernels note the places of maxima, which takes longer than to look for them again (scripts/LOG.md).
 */

/** Images x [N, H, W, C] with windows of that kind, with their channels last or in blocks. */
interface Paired {
  readonly x: HeldImages;
  readonly shape: readonly number[];
  /** Shape and layout of a pixel for each window. */
  readonly yShape: readonly number[];
  readonly y: MemoryDesc;
  readonly yStrides: Strides;
}

/** Null where another way is to be taken. */
export function pairedOf(backend: OneDnnBackend, x: TensorInfo, attrs: PoolAttrs): Paired | null {
  const { native, descriptors } = backend;
  if (!native.canRunCode || !native.instructionSet.startsWith('avx2') || !fitsCode(x.shape)) return null;
  const [images, height, width, channels] = x.shape;
  const isFilled = height % 2 === 0 && width % 2 === 0 && channels % descriptors.channelBlock === 0;
  if (!isFilled || !hasPairs(x.shape, attrs) || !isHeld(backend, x)) return null;
  const held = new HeldImages(backend, x, 'f32');
  const yShape = [images, height / 2, width / 2, channels];
  const dims = nchwShape(yShape);
  const isLast = held.isChannelsLast;
  const y = isLast ? channelsLast(descriptors, dims, 'f32') : descriptors.blocked(dims, 'f32');
  const yStrides = stridesOf(dims, { block: descriptors.channelBlock, isLast, type: 'f32' });
  return { x: held, shape: x.shape, yShape, y: toNhwc(descriptors, y), yStrides };
}

function hasPairs(shape: readonly number[], attrs: PoolAttrs): boolean {
  const windows = windowsOf(shape, attrs);
  if (windows === null) return false;
  const { kernel, window } = windows;
  const isPair = [...kernel, ...window.strides].every((size) => size === 2);
  return isPair && [...window.padBefore, ...window.padAfter].every((pixels) => pixels === 0);
}

/** Whether a tensor has its channels last or in blocks, f32, so that nothing is converted. */
function isHeld(backend: OneDnnBackend, x: TensorInfo): boolean {
  const { descriptors } = backend;
  const dims = nchwShape(x.shape);
  return [channelsLast(descriptors, dims, 'f32'), descriptors.blocked(dims, 'f32')].some(
    (desc) => toNhwc(descriptors, desc) === backend.layout(x),
  );
}

/** The largest of each window. */
export function pairedMaxPool(backend: OneDnnBackend, paired: Paired): TensorInfo {
  const { x, yShape, y } = paired;
  const largest = backend.output(yShape, 'float32', y);
  run(backend, paired, 'maxPool', maxPoolCode, [x.addressOf(0), largest.pointer]);
  return largest.info;
}

/** Gives each gradient to the place that the window's maximum is at, the first of several. @param y what the windows' maxima are */
export function pairedMaxPoolGradient(
  backend: OneDnnBackend,
  paired: Paired,
  y: TensorInfo,
  dy: TensorInfo,
): TensorInfo {
  const { x, shape } = paired;
  const dx = backend.output(shape, 'float32', toNhwc(backend.descriptors, x.layoutOf(shape[0])));
  const given = [y, dy].map((tensor) => backend.input(tensor, paired.y));
  run(backend, paired, 'maxPoolGradient', maxPoolGradientCode, [x.addressOf(0), ...given, dx.pointer]);
  return dx.info;
}

function run(
  backend: OneDnnBackend,
  { x, yShape, yStrides }: Paired,
  name: string,
  codeOf: typeof maxPoolCode,
  addresses: readonly bigint[],
): void {
  const [images, rows, columns, channels] = yShape;
  // Comparisons of AVX-512's vectors make masks of another kind.
  const vectors = vectorsOf(backend, 8);
  runStrips(
    backend,
    [name, rows, columns, channels, x.isChannelsLast].join('|'),
    () => codeOf({ rows, columns, ...vectors, x: x.strides, y: yStrides }),
    { images, rows, channels, lanes: vectors.lanes },
    addresses,
  );
}
