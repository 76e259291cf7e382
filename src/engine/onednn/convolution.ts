import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, oihwShape, toHwio, toNhwc } from './axes.js';
import type { PrecisionAttrs } from '../ops/convBiasActivation.js';
import type { ComputeType, OneDnnBackend } from './backend.js';
import type { ConvolutionDescs, Operation, PostOp, Window } from './ffi/abi.js';
import { ARG, type NativeType } from './ffi/enums.js';
import type { MemoryDesc } from './ffi/memoryDesc.js';

/** A convolution's shapes (NHWC, HWIO) and window, and the type it asks to be computed in, if any. */
export interface Geometry extends Readonly<PrecisionAttrs> {
  readonly key: string;
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly y: readonly number[];
  readonly window: Window;
}

export interface GeometryAttrs extends Readonly<PrecisionAttrs> {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Null for the NCHW format, and for empty tensors. */
export function geometryOf(
  x: readonly number[],
  filter: readonly number[],
  attrs: GeometryAttrs,
): Geometry | null {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC') return null;
  const info = backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  if (info.inChannels !== filter[2]) return null; // grouped
  if (info.outShape.some((size) => size === 0)) return null;
  const strides = [info.strideHeight, info.strideWidth];
  const dilations = [info.dilationHeight - 1, info.dilationWidth - 1];
  const padBefore = [info.padInfo.top, info.padInfo.left];
  // What the output needs at the end; a stride may also leave input rows and columns unused there.
  const padAfter = [0, 1].map((axis) => {
    const extent = (filter[axis] - 1) * (dilations[axis] + 1) + 1;
    return Math.max(
      0,
      (info.outShape[1 + axis] - 1) * strides[axis] + extent - x[1 + axis] - padBefore[axis],
    );
  });
  const window = { strides, dilations, padBefore, padAfter };
  return {
    key: [x, filter, strides, dilations, padBefore, padAfter, attrs.precision].join('|'),
    x,
    filter,
    y: info.outShape,
    window,
    ...(attrs.precision !== undefined && { precision: attrs.precision }),
  };
}

/** The type that a convolution takes its inputs in. */
const typeOf = ({ computeType }: OneDnnBackend, { precision }: Geometry): ComputeType =>
  precision ?? computeType;

/**
 * Whether a convolution is faster on activations with their channels last: in bf16 on maps of 5 to 12 rows and columns, by a
 * tenth to a sixth (scripts/LOG.md). Elsewhere the library may choose, and takes channels in blocks.
 */
function isChannelsLast(backend: OneDnnBackend, geometry: Geometry): boolean {
  const { filter, y, window } = geometry;
  const isDense = [...window.strides, ...window.dilations.map((gap) => gap + 1)].every((step) => step === 1);
  const isWide = [filter[2], filter[3]].every((channels) => channels >= 64 && channels % 16 === 0);
  const isSmall = [y[1], y[2]].every((size) => size >= 5 && size <= 12);
  return typeOf(backend, geometry) === 'bf16' && isDense && isWide && isSmall;
}

/** The layout in which a convolution takes or gives activations, axes NCHW. */
function activation(
  { descriptors }: OneDnnBackend,
  shape: readonly number[],
  type: NativeType,
  channelsLast: boolean,
): MemoryDesc {
  const dims = nchwShape(shape);
  return channelsLast ? descriptors.dense(dims, type, [0, 2, 3, 1]) : descriptors.any(dims, type);
}

function descsOf(
  backend: OneDnnBackend,
  geometry: Geometry,
  type: NativeType,
  weightsType: NativeType,
  hasBias: boolean,
  channelsLast = false,
): ConvolutionDescs {
  const { descriptors } = backend;
  return {
    src: activation(backend, geometry.x, type, channelsLast),
    weights: descriptors.any(oihwShape(geometry.filter), weightsType),
    bias: hasBias ? descriptors.dense([geometry.filter[3]], 'f32') : null,
    dst: activation(backend, geometry.y, type, channelsLast),
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
      const channelsLast = isChannelsLast(backend, geometry);
      return operation(
        'convolution',
        descsOf(backend, geometry, type, type, hasBias, channelsLast),
        geometry,
      );
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
  if (isChannelsLast(backend, geometry)) return turnedInputGradient(backend, geometry, dy, filter);
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  const descs = (): ConvolutionDescs => descsOf(backend, geometry, type, type, false);
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
  { key, x, filter: shape, y, window }: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  const [kh, kw, inputs, outputs] = shape;
  const primitive = backend.primitive(`turnedInput|${key}`, [ARG.src, ARG.weights, ARG.dst], () => {
    const around = (padding: readonly number[]): number[] => [kh - 1 - padding[0], kw - 1 - padding[1]];
    const padBefore = around(window.padBefore);
    const padAfter = around(window.padAfter);
    const descs = {
      src: activation(backend, y, 'bf16', true),
      weights: descriptors.any([inputs, outputs, kh, kw], 'bf16'),
      bias: null,
      dst: activation(backend, x, 'bf16', true),
    };
    return { kind: 'convolution', descs, window: { ...window, padBefore, padAfter }, isTraining: true };
  });
  const turned = turnedFilter(backend, filter, shape);
  try {
    const src = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.src)));
    // The turned filter lies as [kh, kw, inputs, outputs]: its inputs are this convolution's outputs.
    const weights = backend.input(turned, descriptors.permute(primitive.desc(ARG.weights), [2, 3, 0, 1]));
    const dx = backend.output(x, 'float32', toNhwc(descriptors, primitive.desc(ARG.dst)));
    backend.execute(primitive, [src, weights, dx.pointer]);
    return dx.info;
  } finally {
    backend.disposeData(turned.dataId);
  }
}

/** A filter with its rows and columns in reverse. */
function turnedFilter(backend: OneDnnBackend, filter: TensorInfo, shape: readonly number[]): TensorInfo {
  const values = backend.values(filter) as Float32Array;
  const tap = shape[2] * shape[3];
  const turned = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += tap) {
    turned.set(values.subarray(start, start + tap), values.length - tap - start);
  }
  return backend.fromHost(turned, shape, 'float32');
}

/** The gradients by the filter and, when asked for, by the bias; f32 whatever the inputs are held in. */
export function convolutionFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
  hasBias: boolean,
): TensorInfo[] {
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  const args = [ARG.src, ARG.diffDst, ARG.diffWeights, ...(hasBias ? [ARG.diffBias] : [])];
  const primitive = backend.primitive(
    `convFilter|${type}|${geometry.key}|${hasBias}`,
    args,
    () => operation('convolutionBackwardWeights', descsOf(backend, geometry, type, 'f32', hasBias), geometry),
    [],
    () => operation('convolution', descsOf(backend, geometry, type, type, hasBias), geometry),
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
