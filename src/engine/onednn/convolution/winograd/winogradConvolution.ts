import type { TensorInfo } from '@tensorflow/tfjs-core';
import { nchwShape, toNhwc } from '../axes.js';
import type { OneDnnBackend } from '../../backend.js';
import { ARG } from '../../ffi/enums.js';
import type { MemoryDesc } from '../../ffi/memoryDesc.js';
import type { Primitive } from '../../ffi/primitive.js';
import type { Geometry } from '../geometry.js';
import { filterPlanes } from './filterPlanes.js';
import { planeProduct } from './planeProduct.js';
import { TileOutputs } from './tileOutputs.js';
import { TilePlanes } from './tilePlanes.js';
import { planeBytes, type Tiling, tilingOf } from './tiling.js';
import { ONE, type Tile } from './transforms.js';

/** A convolution [N, H, W, C] → [N, H′, W′, C′] by planes. */
interface Plan {
  readonly from: TensorInfo;
  readonly to: readonly number[];
  readonly tiling: Tiling;
  /** Of a plane of the filter, axes OIHW. */
  readonly weights: MemoryDesc;
}

function planOf(backend: OneDnnBackend, tile: Tile, from: TensorInfo, to: readonly number[]): Plan {
  const tiling = tilingOf(tile, to, from.shape[3] + to[3]);
  const plan = { from, to, tiling };
  return { ...plan, weights: product(backend, plan, tiling.chunk, false).desc(ARG.weights) };
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
  const { from, to, tiling, weights } = plan;
  const [images] = to;
  const bytesOf = (count: number): number[] =>
    [from.shape[3], to[3]].map((channels) => planeBytes(tiling, count, channels));
  const y = backend.output(to, 'float32', toNhwc(descriptors, descriptors.blocked(nchwShape(to), 'f32')));
  const inputs = new TilePlanes(backend, 'inputs', tiling, from);
  const outputs = new TileOutputs(backend, tiling, to, y.pointer, slope);
  const [read, written] = bytesOf(tiling.chunk).map((bytes) => backend.allocate(tiling.planes * bytes));
  const onePlane = ONE * tiling.transform.size + ONE;
  try {
    for (let start = 0; start < images; start += tiling.chunk) {
      const count = Math.min(tiling.chunk, images - start);
      const [readBytes, writtenBytes] = bytesOf(count);
      inputs.write(start, count, read.pointer);
      const plain = product(backend, plan, count, false);
      for (let plane = 0; plane < tiling.planes; plane++) {
        const src = read.pointer + BigInt(plane * readBytes);
        const filter = factors + BigInt(plane * weights.bytes);
        const dst = written.pointer + BigInt(plane * writtenBytes);
        if (bias === null || plane !== onePlane) {
          backend.execute(plain, [src, filter, dst]);
          continue;
        }
        const biased = product(backend, plan, count, true);
        backend.execute(biased, [src, filter, backend.input(bias, biased.desc(ARG.bias)), dst]);
      }
      outputs.write(written.pointer, start, count);
    }
    return y.info;
  } finally {
    for (const block of [read, written]) pool.release(block);
  }
}

function product(
  backend: OneDnnBackend,
  { from, to, tiling }: Omit<Plan, 'weights'>,
  images: number,
  hasBias: boolean,
): Primitive {
  const channels = { inputs: from.shape[3], outputs: to[3] };
  const tiles = images * tiling.rows * tiling.columns;
  const args = hasBias ? [ARG.src, ARG.weights, ARG.bias, ARG.dst] : [ARG.src, ARG.weights, ARG.dst];
  return backend.primitive(`winograd|${tiles}|${channels.inputs}|${channels.outputs}|${hasBias}`, args, () =>
    planeProduct(backend.descriptors, 'convolution', channels, tiles, hasBias),
  );
}
