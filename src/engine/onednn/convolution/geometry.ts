import { backend_util } from '@tensorflow/tfjs-core';
import type { PrecisionAttrs } from '../../ops/convBiasActivation.js';
import type { ComputeType, OneDnnBackend } from '../backend.js';
import type { Window } from '../ffi/abi.js';

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

/**
 * Null for the NCHW format, and for empty tensors.
 * @param isDepthwise whether each of x's channels has filters of its own, the last axis of `filter` [kh, kw, C, multiplier]
 */
export function geometryOf(
  x: readonly number[],
  filter: readonly number[],
  attrs: GeometryAttrs,
  isDepthwise = false,
): Geometry | null {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC') return null;
  const info = backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    isDepthwise,
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
export const typeOf = ({ computeType }: OneDnnBackend, { precision }: Geometry): ComputeType =>
  precision ?? computeType;

/** The window of a 1×1 convolution. */
export const POINTWISE: Window = { strides: [1, 1], dilations: [0, 0], padBefore: [0, 0], padAfter: [0, 0] };

/** Whether a filter moves by single rows and columns and has no gaps. */
export const isDense = ({ window: { strides, dilations } }: Geometry): boolean =>
  strides.every((stride) => stride === 1) && dilations.every((gap) => gap === 0);

/** The same of one that is computed in bf16. */
export const isDenseBf16 = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  isDense(geometry) && typeOf(backend, geometry) === 'bf16';
