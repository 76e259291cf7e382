import type { TensorInfo } from '@tensorflow/tfjs-core';
import { toHwio, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { ConvolutionDescs } from '../ffi/abi.js';
import { ARG } from '../ffi/enums.js';
import { type Geometry, isDenseBf16, typeOf } from './geometry.js';
import { activation, descsOf, hasChannels, isChannelsLast, operation } from './layouts.js';
import { winogradTile } from './winograd/bestTile.js';
import { winogradInputGradient } from './winograd/winogradConvolution.js';
import { isReversible, reversedFilter, reversedWindow } from './reversedFilter.js';

/** Whether the gradient by the input is faster as a forward convolution: in bf16, by up to a third on small maps. */
const isTurned = (backend: OneDnnBackend, geometry: Geometry): boolean =>
  isReversible(geometry) && hasChannels(geometry, 32) && isDenseBf16(backend, geometry);

/** The gradient by the input. */
export function convolutionInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const tile = winogradTile(backend, geometry, geometry.x);
  if (tile !== null) return winogradInputGradient(backend, tile, geometry, dy, filter);
  if (isTurned(backend, geometry)) return turnedInputGradient(backend, geometry, dy, filter);
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

/** The gradient by the input as a forward convolution of dy by the filter in reverse. */
function turnedInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  const { key, x, y } = geometry;
  const [kh, kw, inputs, outputs] = geometry.filter;
  const primitive = backend.primitive(`turnedInput|${key}`, [ARG.src, ARG.weights, ARG.dst], () => {
    const isLast = isChannelsLast(backend, geometry);
    const descs = {
      src: activation(backend, y, 'bf16', isLast),
      weights: descriptors.any([inputs, outputs, kh, kw], 'bf16'),
      bias: null,
      dst: activation(backend, x, 'bf16', isLast),
    };
    return { kind: 'convolution', descs, window: reversedWindow(geometry), isTraining: true };
  });
  const src = backend.input(dy, toNhwc(descriptors, primitive.desc(ARG.src)));
  const weights = reversedFilter(backend, filter, geometry.filter, primitive.desc(ARG.weights));
  const dx = backend.output(x, 'float32', toNhwc(descriptors, primitive.desc(ARG.dst)));
  backend.execute(primitive, [src, weights, dx.pointer]);
  return dx.info;
}
