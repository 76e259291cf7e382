import type { TensorInfo } from '@tensorflow/tfjs-core';
import { toHwio, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import { ARG } from '../ffi/enums.js';
import { convolutionAsGradient, isGradientFaster } from './convolutionAsGradient.js';
import { type Ending, NO_ENDING } from './ending.js';
import { type Geometry, typeOf } from './geometry.js';
import { descsOf, isChannelsLast, operation } from './layouts.js';
import { winogradTile } from './winograd/bestTile.js';
import { slopeOf } from './winograd/slope.js';
import { winogradConvolution } from './winograd/winogradConvolution.js';

/** activation(x ⊛ filter + bias), held in the backend's type even if computed in another. */
export function convolve(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  ending: Ending = NO_ENDING,
): TensorInfo {
  const { bias, postOps, key: postOpsKey } = ending;
  const slope = slopeOf(postOps);
  const tile = winogradTile(backend, geometry, geometry.y);
  if (slope !== null && tile !== null) {
    return winogradConvolution(backend, tile, geometry, x, filter, { bias, slope });
  }
  if (isGradientFaster(backend, geometry, ending)) {
    return convolutionAsGradient(backend, geometry, x, filter, ending);
  }
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
