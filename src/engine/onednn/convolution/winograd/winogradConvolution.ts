import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, toNhwc } from '../axes.js';
import type { OneDnnBackend } from '../../backend.js';
import { ARG } from '../../ffi/enums.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';
import type { PrimitiveTeam } from '../../machine/primitiveTeam.js';
import type { Geometry } from '../geometry.js';
import { filterPlanes } from './filterPlanes.js';
import { planeProduct } from './planeProduct.js';
import { TileOutputs } from './tileOutputs.js';
import { TilePlanes } from './tilePlanes.js';
import { factorPlanes, planeBytes, type Planes, resultPlanes, type Tiling, tilingOf } from './tiling.js';
import type { Tile } from './transforms.js';

/** A convolution [N, H, W, C] → [N, H′, W′, C′] by planes. */
interface Plan {
  readonly from: TensorInfo;
  readonly to: readonly number[];
  readonly tiling: Tiling;
  readonly factor: Planes;
  readonly result: Planes;
  /** Of a plane of the filter, axes OIHW. */
  readonly weights: MemoryDesc;
}

function planOf(backend: OneDnnBackend, tile: Tile, from: TensorInfo, to: readonly number[]): Plan {
  const [factor, result] = [factorPlanes(backend, from.shape[3]), resultPlanes(backend, to[3])];
  const tiling = tilingOf(backend, tile, to, [factor, result]);
  const plan = { from, to, tiling, factor, result };
  return { ...plan, weights: product(backend, plan, tiling.chunk).primitive.desc(ARG.weights) };
}

/** How a convolution ends, before anything is written. */
interface TileEnding {
  readonly bias: TensorInfo | null;
  /** What sums below 0 are multiplied by, from 0 to 1. */
  readonly slope: number;
}

/** activation(x ⊛ filter + bias), of an activation that has a slope. */
export function winogradConvolution(
  backend: OneDnnBackend,
  tile: Tile,
  geometry: Geometry,
  x: TensorInfo,
  filter: TensorInfo,
  ending: TileEnding,
): TensorInfo {
  const plan = planOf(backend, tile, x, geometry.y);
  const { weights, tiling } = plan;
  // Batches that are only looked at have the same filter.
  const factors = backend.kept(filter, `winograd ${tile} ${weights.id}`, () =>
    filterPlanes(backend, tiling.transform, filter, false, weights),
  );
  return convolved(backend, plan, factors, ending);
}

/** The gradient by the input: dy convolved by the filter in reverse. */
export function winogradInputGradient(
  backend: OneDnnBackend,
  tile: Tile,
  geometry: Geometry,
  dy: TensorInfo,
  filter: TensorInfo,
): TensorInfo {
  const plan = planOf(backend, tile, dy, geometry.x);
  const factors = filterPlanes(backend, plan.tiling.transform, filter, true, plan.weights);
  try {
    return convolved(backend, plan, factors.pointer, { bias: null, slope: 1 });
  } finally {
    backend.pool.release(factors);
  }
}

/** @param factors address of the filter's planes */
function convolved(
  backend: OneDnnBackend,
  plan: Plan,
  factors: bigint,
  { bias, slope }: TileEnding,
): TensorInfo {
  const { descriptors, pool } = backend;
  const { from, to, tiling, factor, result, weights } = plan;
  const [images] = to;
  const bytesOf = (count: number): number[] =>
    [factor, result].map((planes) => planeBytes(tiling, count, planes));
  const layout = descriptors.blocked(nchwShape(to), backend.computeType);
  const y = backend.output(to, 'float32', toNhwc(descriptors, layout));
  const inputs = new TilePlanes(backend, 'inputs', tiling, from);
  const biases = bias === null ? null : backend.input(bias, descriptors.dense([to[3]], 'f32'));
  const outputs = new TileOutputs(backend, tiling, to, y.pointer, biases, slope);
  const [read, written] = bytesOf(tiling.chunk).map((bytes) => backend.allocate(tiling.planes * bytes));
  try {
    for (let start = 0; start < images; start += tiling.chunk) {
      const count = Math.min(tiling.chunk, images - start);
      const [readBytes, writtenBytes] = bytesOf(count);
      inputs.write(start, count, read.pointer);
      backend.executeTeam(product(backend, plan, count), {
        buffers: [read.pointer, factors, written.pointer],
        steps: [readBytes, weights.bytes, writtenBytes],
        count: tiling.planes,
      });
      outputs.write(written.pointer, start, count);
    }
    return y.info;
  } finally {
    for (const block of [read, written]) pool.release(block);
  }
}

function product(
  backend: OneDnnBackend,
  { tiling, factor, result }: Omit<Plan, 'weights'>,
  images: number,
): PrimitiveTeam {
  const channels = { inputs: factor.channels, outputs: result.channels };
  const tiles = images * tiling.rows * tiling.columns;
  const types = { src: factor.type, weights: factor.type, dst: result.type };
  return backend.team(
    `winograd|${tiles}|${channels.inputs}|${channels.outputs}`,
    [ARG.src, ARG.weights, ARG.dst],
    () => planeProduct(backend.descriptors, 'convolution', channels, tiles, types),
  );
}
