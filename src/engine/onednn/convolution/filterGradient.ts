import type { TensorInfo } from '@tensorflow/tfjs-core';
import { toHwio, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import { ARG } from '../ffi/enums.js';
import { sumByChannel } from '../elementwise/sums.js';
import { columnFilterGradient, isColumnProductFaster } from './columnFilterGradient.js';
import { type Geometry, typeOf } from './geometry.js';
import { descsOf, isLastForFilterGradient, operation } from './layouts.js';
import { turnedFilterGradient } from './turnedFilterGradient.js';
import { winogradTileForFilter } from './winograd/bestTile.js';
import { winogradFilterGradient } from './winograd/winogradFilterGradient.js';

/** The gradients by the filter and, when asked for, by the bias; f32 whatever the inputs are held in. */
export function convolutionFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
  hasBias: boolean,
): TensorInfo[] {
  const made = madeOtherwise(backend, geometry, x, dy);
  if (made !== null) return hasBias ? [made, sumByChannel(backend, dy)] : [made];
  const { descriptors } = backend;
  const type = typeOf(backend, geometry);
  const isLast = isLastForFilterGradient(backend, geometry);
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

/** The gradient by the filter in another way than the library's; null where none is better. */
function madeOtherwise(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo | null {
  const other = isColumnProductFaster(backend, geometry) ? 'columns' : 'library';
  const tile = winogradTileForFilter(backend, geometry, other);
  if (tile !== null) return winogradFilterGradient(backend, tile, geometry, x, dy);
  if (other === 'columns') return columnFilterGradient(backend, geometry, x, dy);
  return turnedFilterGradient(backend, geometry, x, dy);
}
