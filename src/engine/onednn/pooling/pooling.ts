import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { nchwShape, toNchw, toNhwc } from '../convolution/axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { Operation, Window } from '../ffi/abi.js';
import { ARG, type PoolingKind } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Primitive } from '../ffi/primitive.js';

export interface PoolAttrs {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** A pooling of one input layout. Shapes NHWC. */
export interface Pooling {
  readonly key: string;
  readonly xShape: readonly number[];
  readonly yShape: readonly number[];
  readonly forward: Primitive;
  readonly backward: () => Primitive;
}

export interface Windows {
  readonly kernel: readonly number[];
  readonly window: Window;
  readonly yShape: readonly number[];
}

const workspaceOf = (algorithm: PoolingKind): number[] => (algorithm === 'max' ? [ARG.workspace] : []);

/** The windows of a pooling, and the shape of its result, NHWC. Null for empty results and windows of padding only. */
export function windowsOf(xShape: readonly number[], attrs: PoolAttrs): Windows | null {
  const info = backend_util.computePool2DInfo(
    xShape as [number, number, number, number],
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  if (info.outShape.some((size) => size === 0)) return null;
  const kernel = [info.filterHeight, info.filterWidth];
  const strides = [info.strideHeight, info.strideWidth];
  const padBefore = [info.padInfo.top, info.padInfo.left];
  const padAfter = [0, 1].map((axis) =>
    Math.max(
      0,
      (info.outShape[1 + axis] - 1) * strides[axis] + kernel[axis] - xShape[1 + axis] - padBefore[axis],
    ),
  );
  if ([0, 1].some((axis) => Math.max(padBefore[axis], padAfter[axis]) >= kernel[axis])) return null;
  return { kernel, window: { strides, dilations: [0, 0], padBefore, padAfter }, yShape: info.outShape };
}

/** The primitives that pool `x` in the layout `src` (axes NCHW). Null where `windowsOf` is. */
export function poolingOf(
  backend: OneDnnBackend,
  algorithm: PoolingKind,
  xShape: readonly number[],
  src: MemoryDesc,
  attrs: PoolAttrs,
): Pooling | null {
  const windows = windowsOf(xShape, attrs);
  if (windows === null) return null;
  const { kernel, window, yShape } = windows;
  const { strides, padBefore, padAfter } = window;
  const key = `${algorithm}|${src.id}|${[kernel, strides, padBefore, padAfter].join('|')}`;
  const any = backend.descriptors.any(nchwShape(yShape), src.type);
  const operation = (kind: 'pooling' | 'poolingBackward', dst: MemoryDesc): Operation => ({
    kind,
    algorithm,
    src,
    dst,
    kernel,
    window,
    isTraining: true,
  });
  const forward = backend.primitive(`pool|${key}`, [ARG.src, ARG.dst, ...workspaceOf(algorithm)], () =>
    operation('pooling', any),
  );
  const dst = forward.desc(ARG.dst);
  const backward = (): Primitive =>
    backend.primitive(
      `poolGrad|${key}`,
      [ARG.diffDst, ARG.diffSrc, ...workspaceOf(algorithm)],
      () => operation('poolingBackward', dst),
      [],
      () => operation('pooling', dst),
    );
  return { key, xShape, yShape, forward, backward };
}

/** A pooling of the layout that `x` [N, H, W, C] is in. */
export function poolingOfTensor(
  backend: OneDnnBackend,
  algorithm: PoolingKind,
  x: TensorInfo,
  attrs: PoolAttrs,
): Pooling | null {
  return poolingOf(backend, algorithm, x.shape, toNchw(backend.descriptors, backend.layout(x)), attrs);
}

/** A pooling of all positions of `x` [N, H, W, C], in the layout that it is in. */
export const poolingOfPositions = (
  backend: OneDnnBackend,
  algorithm: PoolingKind,
  x: TensorInfo,
): Pooling | null =>
  poolingOfTensor(backend, algorithm, x, { filterSize: [x.shape[1], x.shape[2]], strides: 1, pad: 'valid' });

/** The mean or maximum over the positions of images [N, H, W, C], where those are the axes; null for others. */
export function reducedPositions(
  backend: OneDnnBackend,
  algorithm: PoolingKind,
  x: TensorInfo,
  axis: number | number[],
  keepDims: boolean,
): TensorInfo | null {
  const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  if (x.shape.length !== 4 || axes.join() !== '1,2') return null;
  const [n, , , c] = x.shape;
  const pooling = poolingOfPositions(backend, algorithm, x);
  const shape = keepDims ? [n, 1, 1, c] : [n, c];
  return pooling && { ...pool(backend, pooling, x, algorithm === 'max'), shape };
}

/** Mean or maximum of each window. A maximum keeps its places with the result, for the gradient. */
export function pool(
  backend: OneDnnBackend,
  { key, forward, yShape }: Pooling,
  x: TensorInfo,
  isMax: boolean,
): TensorInfo {
  const { descriptors } = backend;
  const src = backend.input(x, toNhwc(descriptors, forward.desc(ARG.src)));
  const y = backend.output(yShape, 'float32', toNhwc(descriptors, forward.desc(ARG.dst)));
  if (!isMax) {
    backend.execute(forward, [src, y.pointer]);
    return y.info;
  }
  const block = backend.allocate(forward.desc(ARG.workspace).bytes);
  backend.storage(y.info).workspace = { key, block };
  backend.execute(forward, [src, y.pointer, block.pointer]);
  return y.info;
}

/** Gradient of a pooling. @param workspace address of what the forward pass left; maxima only */
export function poolGradient(
  backend: OneDnnBackend,
  { backward, xShape }: Pooling,
  dy: TensorInfo,
  workspace: bigint | null,
): TensorInfo {
  const { descriptors } = backend;
  const primitive = backward();
  const diffDst = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const dx = backend.output(xShape, 'float32', toNhwc(descriptors, primitive.desc(ARG.diffSrc)));
  backend.execute(primitive, [diffDst, dx.pointer, ...(workspace === null ? [] : [workspace])]);
  return dx.info;
}
