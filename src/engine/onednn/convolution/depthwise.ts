import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import type { ConvolutionDescs, Operation } from '../ffi/abi.js';
import { ARG, type NativeType } from '../ffi/enums.js';
import { denseStrides } from '../ffi/layout.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Block } from '../memory/memoryPool.js';
import { toNhwc } from './axes.js';
import { type Ending, NO_ENDING } from './ending.js';
import { type Geometry, typeOf } from './geometry.js';
import { descsOf, operation } from './layouts.js';

/*
 * Convolutions in which each channel has filters of its own: the library's convolutions in as many groups. A filter [kh, kw, C, multiplier] is
 * [C, multiplier, 1, kh, kw] to it.
 */

const groupedShape = ([height, width, channels, multiplier]: readonly number[]): number[] => [
  channels,
  multiplier,
  1,
  height,
  width,
];

/** A filter in tfjs's order, f32, with the library's axes. */
function plainFilter({ descriptors }: OneDnnBackend, filter: readonly number[]): MemoryDesc {
  const [height, width, channels, multiplier] = denseStrides(filter);
  return descriptors.strided(groupedShape(filter), 'f32', [channels, multiplier, 1, height, width]);
}

const groupedDescs = (
  backend: OneDnnBackend,
  geometry: Geometry,
  weights: NativeType,
  hasBias: boolean,
): ConvolutionDescs => ({
  ...descsOf(backend, geometry, typeOf(backend, geometry), weights, hasBias),
  weights: backend.descriptors.any(groupedShape(geometry.filter), weights),
});

const forward = (backend: OneDnnBackend, geometry: Geometry, hasBias = false): Operation =>
  operation('convolution', groupedDescs(backend, geometry, typeOf(backend, geometry), hasBias), geometry);

/** The address of a filter in the layout that a primitive takes; kept with the tensor. */
function weightsIn(backend: OneDnnBackend, filter: TensorInfo, desc: MemoryDesc): bigint {
  const given = backend.input(filter, backend.descriptors.dense(filter.shape, 'f32'));
  return backend.kept(filter, `depthwise ${desc.id}`, (): Block => {
    const block = backend.allocate(desc.bytes);
    backend.reorder(plainFilter(backend, filter.shape), given, desc, block.pointer);
    return block;
  });
}

/** activation(x ⊛ filter + bias) */
export function depthwise(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  { bias, postOps, key }: Ending = NO_ENDING,
): TensorInfo {
  const { descriptors } = backend;
  const hasBias = bias !== null;
  const primitive = backend.primitive(
    `depthwise|${geometry.key}|${hasBias}|${key}`,
    [ARG.src, ARG.weights, ...(hasBias ? [ARG.bias] : []), ARG.dst],
    () => forward(backend, geometry, hasBias),
    postOps,
  );
  const src = backend.input(x, toNhwc(descriptors, primitive.desc(ARG.src)));
  const weights = weightsIn(backend, filter, primitive.desc(ARG.weights));
  const biases = hasBias ? [backend.input(bias, primitive.desc(ARG.bias))] : [];
  const y = backend.output(geometry.y, 'float32', toNhwc(descriptors, primitive.desc(ARG.dst)));
  backend.execute(primitive, [src, weights, ...biases, y.pointer]);
  return y.info;
}

/** The gradient by the input. */
export function depthwiseInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  const primitive = backend.primitive(
    `depthwiseInput|${geometry.key}`,
    [ARG.diffDst, ARG.weights, ARG.diffSrc],
    () =>
      operation(
        'convolutionBackwardData',
        groupedDescs(backend, geometry, typeOf(backend, geometry), false),
        geometry,
      ),
    [],
    () => forward(backend, geometry),
  );
  const diffDst = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const weights = weightsIn(backend, filter, primitive.desc(ARG.weights));
  const dx = backend.output(geometry.x, 'float32', toNhwc(descriptors, primitive.desc(ARG.diffSrc)));
  backend.execute(primitive, [diffDst, weights, dx.pointer]);
  return dx.info;
}

/** The gradient by the filter, f32. */
export function depthwiseFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  const primitive = backend.primitive(
    `depthwiseFilter|${geometry.key}`,
    [ARG.src, ARG.diffDst, ARG.diffWeights],
    () => operation('convolutionBackwardWeights', groupedDescs(backend, geometry, 'f32', false), geometry),
    [],
    () => forward(backend, geometry),
  );
  const src = backend.input(x, toNhwc(descriptors, primitive.desc(ARG.src)));
  const diffDst = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.diffDst)));
  const desc = primitive.desc(ARG.diffWeights);
  const { info, pointer } = backend.output(
    geometry.filter,
    'float32',
    descriptors.dense(geometry.filter, 'f32'),
  );
  const made = backend.allocate(desc.bytes);
  try {
    backend.execute(primitive, [src, diffDst, made.pointer]);
    backend.reorder(desc, made.pointer, plainFilter(backend, geometry.filter), pointer);
  } finally {
    backend.pool.release(made);
  }
  return info;
}
