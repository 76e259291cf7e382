import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, toNhwc } from '../axes.js';
import type { OneDnnBackend } from '../../backend.js';
import { NO_ACTIVATION } from '../../elementwise/chain.js';
import type { Ending } from '../ending.js';
import { ARG } from '../../ffi/enums.js';
import type { Primitive } from '../../ffi/primitive.js';
import { type Geometry, POINTWISE } from '../geometry.js';
import { filterPlanes } from './filterPlanes.js';
import { TileOutputs } from './tileOutputs.js';
import { type TileMap, TilePlanes } from './tilePlanes.js';
import { type Tiling, tilingOf } from './tiling.js';
import { BIAS_PLANE, INPUT_TAPS, PLANES } from './transforms.js';

export const INPUT_MAP: TileMap = { name: 'winograd inputs', taps: INPUT_TAPS, border: 1 };

/** What a convolution [N, H, W, C] → [N, H′, W′, C′] by Winograd's way is made of. */
interface Parts {
  readonly from: TensorInfo;
  readonly to: readonly number[];
  readonly filter: TensorInfo;
  /** Whether the filter is taken in reverse, its outputs as inputs. */
  readonly isReversed: boolean;
  readonly ending: Ending;
}

/** activation(x ⊛ filter + bias). */
export function winogradConvolution(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  ending: Ending,
): TensorInfo {
  return convolved(backend, { from: x, to: geometry.y, filter, isReversed: false, ending });
}

/** The gradient by the input: dy convolved by the filter in reverse. */
export function winogradInputGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const ending = { ...NO_ACTIVATION, bias: null };
  return convolved(backend, { from: dy, to: geometry.x, filter, isReversed: true, ending });
}

function convolved(backend: OneDnnBackend, { from, to, filter, isReversed, ending }: Parts): TensorInfo {
  const { descriptors, pool } = backend;
  const { bias } = ending;
  const [images] = to;
  const channels = { inputs: from.shape[3], outputs: to[3] };
  const tiling = tilingOf(to, channels.inputs + channels.outputs);
  const weights = product(backend, tiling, tiling.chunk, channels, false).desc(ARG.weights);
  const factors = filterPlanes(backend, filter, isReversed, weights);
  const y = backend.output(to, 'float32', toNhwc(descriptors, descriptors.blocked(nchwShape(to), 'f32')));
  const inputs = new TilePlanes(backend, INPUT_MAP, tiling, from);
  const outputs = new TileOutputs(backend, tiling, to, y.pointer, ending);
  const read = backend.allocate(PLANES ** 2 * inputs.planeBytes(tiling.chunk));
  const written = backend.allocate(PLANES ** 2 * outputs.planeBytes(tiling.chunk));
  try {
    for (let start = 0; start < images; start += tiling.chunk) {
      const count = Math.min(tiling.chunk, images - start);
      inputs.write(start, count, read.pointer);
      for (let plane = 0; plane < PLANES ** 2; plane++) {
        const hasBias = bias !== null && plane === BIAS_PLANE;
        const primitive = product(backend, tiling, count, channels, hasBias);
        const operands = [
          read.pointer + BigInt(plane * inputs.planeBytes(count)),
          factors + BigInt(plane * weights.bytes),
          ...(hasBias ? [backend.input(bias, primitive.desc(ARG.bias))] : []),
          written.pointer + BigInt(plane * outputs.planeBytes(count)),
        ];
        backend.execute(primitive, operands);
      }
      outputs.write(written.pointer, start, count);
    }
    return y.info;
  } finally {
    inputs.release();
    outputs.release();
    for (const block of [read, written]) pool.release(block);
  }
}

/** A plane's product of matrices, channels to channels, as a convolution by a filter of 1×1. */
function product(
  backend: OneDnnBackend,
  { rows, columns }: Tiling,
  images: number,
  { inputs, outputs }: { inputs: number; outputs: number },
  hasBias: boolean,
): Primitive {
  const { descriptors } = backend;
  const tiles = images * rows * columns;
  const args = hasBias ? [ARG.src, ARG.weights, ARG.bias, ARG.dst] : [ARG.src, ARG.weights, ARG.dst];
  return backend.primitive(`winograd|${tiles}|${inputs}|${outputs}|${hasBias}`, args, () => ({
    kind: 'convolution',
    descs: {
      src: descriptors.blocked([1, inputs, tiles, 1], 'f32'),
      weights: descriptors.any([outputs, inputs, 1, 1], 'f32'),
      bias: hasBias ? descriptors.dense([outputs], 'f32') : null,
      dst: descriptors.blocked([1, outputs, tiles, 1], 'f32'),
    },
    window: POINTWISE,
    isTraining: true,
  }));
}
