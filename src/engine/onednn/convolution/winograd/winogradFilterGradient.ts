import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import { chain, withVector } from '../../elementwise/chain.js';
import { ARG, FLOAT_BYTES } from '../../ffi/enums.js';
import type { PrimitiveTeam } from '../../machine/primitiveTeam.js';
import type { Geometry } from '../geometry.js';
import { filterOfPlanes } from './filterPlanes.js';
import { planeProduct } from './planeProduct.js';
import { TilePlanes } from './tilePlanes.js';
import { factorPlanes, LEAST_SUMMED, planeBytes, type Tiling, tilingOf } from './tiling.js';
import type { Tile } from './transforms.js';

/** dFilter [3, 3, Cin, Cout], f32. */
export function winogradFilterGradient(
  backend: OneDnnBackend,
  tile: Tile,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo {
  const { pool, descriptors } = backend;
  const [, , inputs, outputs] = geometry.filter;
  const [images] = geometry.x;
  const factors = [inputs, outputs].map((channels) => factorPlanes(backend, channels));
  const tiling = tilingOf(backend, tile, geometry.y, factors, LEAST_SUMMED);
  const { transform, chunk, planes } = tiling;
  const layout = product(backend, geometry, tiling, chunk).primitive.desc(ARG.diffWeights);
  const bytesOf = (count: number): number[] => factors.map((factor) => planeBytes(tiling, count, factor));
  const from = new TilePlanes(backend, 'inputs', tiling, x);
  const by = new TilePlanes(backend, 'gradients', tiling, dy);
  const [xs, dys] = bytesOf(chunk).map((bytes) => backend.allocate(planes * bytes));
  const all = descriptors.dense([(planes * layout.bytes) / FLOAT_BYTES], 'f32');
  const sums = backend.allocate(all.bytes);
  const part = images > chunk ? backend.allocate(all.bytes) : sums;
  try {
    for (let start = 0; start < images; start += chunk) {
      const count = Math.min(chunk, images - start);
      const [xBytes, dyBytes] = bytesOf(count);
      from.write(start, count, xs.pointer);
      by.write(start, count, dys.pointer);
      const primitive = product(backend, geometry, tiling, count);
      const into = start === 0 ? sums : part;
      backend.executeTeam(primitive, {
        buffers: [xs.pointer, dys.pointer, into.pointer],
        steps: [xBytes, dyBytes, layout.bytes],
        count: planes,
      });
      if (into !== sums) chain(backend, all, sums.pointer, [withVector('add', into.pointer)], sums.pointer);
    }
    return filterOfPlanes(backend, transform, geometry.filter, sums.pointer, layout);
  } finally {
    for (const block of new Set([xs, dys, sums, part])) pool.release(block);
  }
}

function product(
  backend: OneDnnBackend,
  { filter }: Geometry,
  { rows, columns }: Tiling,
  images: number,
): PrimitiveTeam {
  const { descriptors, computeType: type } = backend;
  const [, , inputs, outputs] = filter;
  const types = { src: type, dst: type };
  const channels = { inputs, outputs };
  const tiles = images * rows * columns;
  return backend.team(
    `winogradFilter|${tiles}|${inputs}|${outputs}`,
    [ARG.src, ARG.diffDst, ARG.diffWeights],
    () =>
      planeProduct(descriptors, 'convolutionBackwardWeights', channels, tiles, { ...types, weights: 'f32' }),
    () => planeProduct(descriptors, 'convolution', channels, tiles, { ...types, weights: type }),
  );
}
