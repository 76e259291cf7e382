import type { TensorInfo } from '@tensorflow/tfjs-core';
import { columnFilterGradient } from './columnFilterGradient.js';
import { channelsLast, iohwToHwio, nchwShape, oihwShape, toHwio, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { ConvolutionDescs, Operation, PostOp } from '../ffi/abi.js';
import { ARG, type NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { type Geometry, isDense, isDenseBf16, typeOf } from './geometry.js';
import { sumByChannel } from '../elementwise/sums.js';
import { turnedFilterGradient } from './turnedFilterGradient.js';

/** Channels to and from which a convolution has so many at least, and no block of 16 of them is filled in part. */
function hasChannels({ filter }: Geometry, least: number): boolean {
  return [filter[2], filter[3]].every((channels) => channels >= least && channels % 16 === 0);
}

/**
 * Whether a convolution is faster on activations with their channels last (scripts/LOG.md). Elsewhere the library may choose, and takes
 * channels in blocks.
 */
const isChannelsLast = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  isLastInBf16(backend, geometry) || isLastOnAvx2(backend, geometry);

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
  const { library, instructionSet } = backend.native;
  const [major, minor] = library.version;
  if (!instructionSet.startsWith('avx2') || major < 3 || (major === 3 && minor < 2)) return false;
  const { y } = geometry;
  const isSmall = Math.max(y[1], y[2]) <= 15 && hasChannels(geometry, 64);
  return isSmall && isDense(geometry) && typeOf(backend, geometry) === 'f32';
}

/** Whether the input's second and last block of 16 channels is filled in part, as by the 24 of the fast nets. */
function hasPartBlock({ filter }: Geometry): boolean {
  return filter[2] > 16 && filter[2] < 32 && filter[3] % 16 === 0;
}

/** Whether the gradient by the input is faster as a forward convolution: in bf16, by up to a third on small maps. */
function isInputGradientTurned(backend: OneDnnBackend, geometry: Geometry): boolean {
  const { filter, window } = geometry;
  // The forward convolution pads dy by what the window leaves over, which must not be less than nothing.
  const isPadded = [window.padBefore, window.padAfter].every((padding) =>
    padding.every((rows, axis) => rows < filter[axis]),
  );
  return isPadded && hasChannels(geometry, 32) && isDenseBf16(backend, geometry);
}

/** The layout in which a convolution takes or gives activations, axes NCHW. */
function activation(
  { descriptors }: OneDnnBackend,
  shape: readonly number[],
  type: NativeType,
  isLast: boolean,
): MemoryDesc {
  const dims = nchwShape(shape);
  return isLast ? channelsLast(descriptors, dims, type) : descriptors.any(dims, type);
}

function descsOf(
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
    bias: hasBias ? descriptors.dense([geometry.filter[3]], 'f32') : null,
    dst: activation(backend, geometry.y, type, isLast),
  };
}

const operation = (
  kind: 'convolution' | 'convolutionBackwardData' | 'convolutionBackwardWeights',
  descs: ConvolutionDescs,
  geometry: Geometry,
): Operation => ({ kind, descs, window: geometry.window, isTraining: true });

/**
 * activation(x ⊛ filter + bias), held in the backend's type even if computed in another.
 * @param postOps the activation; `postOpsKey` names it
 */
export function convolve(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  bias: TensorInfo | null,
  postOps: readonly PostOp[] = [],
  postOpsKey = '',
): TensorInfo {
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  const hasBias = bias !== null;
  const args = hasBias ? [ARG.src, ARG.weights, ARG.bias, ARG.dst] : [ARG.src, ARG.weights, ARG.dst];
  const key = `conv|${type}|${geometry.key}|${hasBias}|${postOpsKey}`;
  const primitive = backend.primitive(
    key,
    args,
    () => {
      const isLast = isChannelsLast(backend, geometry);
      return operation('convolution', descsOf(backend, geometry, type, type, hasBias, isLast), geometry);
    },
    postOps,
  );
  const src = backend.input(x, toNhwc(descriptors, primitive.desc(ARG.src)));
  const weights = backend.input(filter, toHwio(descriptors, primitive.desc(ARG.weights)));
  const inputs =
    bias === null ? [src, weights] : [src, weights, backend.input(bias, primitive.desc(ARG.bias))];
  const computed = toNhwc(descriptors, primitive.desc(ARG.dst));
  const held = descriptors.withType(computed, backend.computeType);
  const y = backend.output(geometry.y, 'float32', held);
  if (held === computed) {
    backend.execute(primitive, [...inputs, y.pointer]);
    return y.info;
  }
  const exact = backend.allocate(computed.bytes);
  try {
    backend.execute(primitive, [...inputs, exact.pointer]);
    backend.reorder(computed, exact.pointer, held, y.pointer);
  } finally {
    backend.pool.release(exact);
  }
  return y.info;
}

/** The gradient by the input. */
export function convolutionInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  if (isInputGradientTurned(backend, geometry)) return turnedInputGradient(backend, geometry, dy, filter);
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  const isLast = isChannelsLast(backend, geometry);
  const descs = (): ConvolutionDescs => descsOf(backend, geometry, type, type, false, isLast);
  const primitive = backend.primitive(
    `convInput|${type}|${geometry.key}`,
    [ARG.diffDst, ARG.weights, ARG.diffSrc],
    () => operation('convolutionBackwardData', descs(), geometry),
    [],
    () => operation('convolution', descs(), geometry),
  );
  const diffDst = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const weights = backend.input(filter, toHwio(descriptors, primitive.desc(ARG.weights)));
  const dx = backend.output(geometry.x, 'float32', toNhwc(descriptors, primitive.desc(ARG.diffSrc)));
  backend.execute(primitive, [diffDst, weights, dx.pointer]);
  return dx.info;
}

/** The gradient by the input as a forward convolution of dy by the filter turned about its centre. */
function turnedInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  const { key, x, y, window } = geometry;
  const [kh, kw, inputs, outputs] = geometry.filter;
  const primitive = backend.primitive(`turnedInput|${key}`, [ARG.src, ARG.weights, ARG.dst], () => {
    const isLast = isChannelsLast(backend, geometry);
    const around = (padding: readonly number[]): number[] => [kh - 1 - padding[0], kw - 1 - padding[1]];
    const padBefore = around(window.padBefore);
    const padAfter = around(window.padAfter);
    const descs = {
      src: activation(backend, y, 'bf16', isLast),
      weights: descriptors.any([inputs, outputs, kh, kw], 'bf16'),
      bias: null,
      dst: activation(backend, x, 'bf16', isLast),
    };
    return { kind: 'convolution', descs, window: { ...window, padBefore, padAfter }, isTraining: true };
  });
  const turned = turnedFilter(backend, filter, geometry.filter);
  try {
    const src = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.src)));
    // The turned filter lies as [kh, kw, inputs, outputs]: its inputs are this convolution's outputs.
    const weights = backend.input(turned, iohwToHwio(descriptors, primitive.desc(ARG.weights)));
    const dx = backend.output(x, 'float32', toNhwc(descriptors, primitive.desc(ARG.dst)));
    backend.execute(primitive, [src, weights, dx.pointer]);
    return dx.info;
  } finally {
    backend.disposeData(turned.dataId);
  }
}

/** A filter with its rows and columns in reverse. */
function turnedFilter(backend: OneDnnBackend, filter: TensorInfo, shape: readonly number[]): TensorInfo {
  const desc = backend.descriptors.dense(shape, 'f32');
  const from = backend.input(filter, desc);
  const turned = backend.output(shape, 'float32', desc);
  const taps = shape[0] * shape[1];
  const tapBytes = desc.bytes / taps;
  for (let tap = 0; tap < taps; tap++) {
    const to = turned.pointer + BigInt((taps - 1 - tap) * tapBytes);
    backend.native.library.copy(to, from + BigInt(tap * tapBytes), tapBytes);
  }
  return turned.info;
}

/** The gradients by the filter and, when asked for, by the bias; f32 whatever the inputs are held in. */
export function convolutionFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
  hasBias: boolean,
): TensorInfo[] {
  const made =
    turnedFilterGradient(backend, geometry, x, dy) ?? columnFilterGradient(backend, geometry, x, dy);
  if (made !== null) return hasBias ? [made, sumByChannel(backend, dy)] : [made];
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  // In bf16, on small maps, channels in blocks suit this gradient better.
  const isLast =
    isLastOnAvx2(backend, geometry) || (isLastInBf16(backend, geometry) && hasPartBlock(geometry));
  const args = [ARG.src, ARG.diffDst, ARG.diffWeights, ...(hasBias ? [ARG.diffBias] : [])];
  const primitive = backend.primitive(
    `convFilter|${type}|${geometry.key}|${hasBias}`,
    args,
    () =>
      operation(
        'convolutionBackwardWeights',
        descsOf(backend, geometry, type, 'f32', hasBias, isLast),
        geometry,
      ),
    [],
    () => operation('convolution', descsOf(backend, geometry, type, type, hasBias, isLast), geometry),
  );
  const src = backend.input(x, toNhwc(descriptors, primitive.desc(ARG.src)));
  const diffDst = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const filterDesc = toHwio(descriptors, primitive.desc(ARG.diffWeights));
  const dFilter = backend.output(geometry.filter, 'float32', filterDesc);
  if (!hasBias) {
    backend.execute(primitive, [src, diffDst, dFilter.pointer]);
    return [dFilter.info];
  }
  const dBias = backend.output([geometry.filter[3]], 'float32', primitive.desc(ARG.diffBias));
  backend.execute(primitive, [src, diffDst, dFilter.pointer, dBias.pointer]);
  return [dFilter.info, dBias.info];
}
