import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import type { ConvolutionDescs, Operation } from '../../ffi/abi.js';
import { chain, withVector } from '../../elementwise/chain.js';
import { ARG } from '../../ffi/enums.js';
import type { Primitive } from '../../ffi/primitive.js';
import { type Geometry, POINTWISE } from '../geometry.js';
import { filterOfPlanes } from './filterPlanes.js';
import { type TileMap, TilePlanes } from './tilePlanes.js';
import { FLOAT_BYTES, type Tiling, tilingOf } from './tiling.js';
import { OUTPUT_GRADIENT_TAPS, PLANES } from './transforms.js';
import { INPUT_MAP } from './winogradConvolution.js';

const GRADIENT_MAP: TileMap = { name: 'winograd gradients', taps: OUTPUT_GRADIENT_TAPS, border: 0 };

/** dFilter [3, 3, Cin, Cout], f32. */
export function winogradFilterGradient(
  backend: OneDnnBackend,
  geometry: Geometry,
  x: TensorInfo,
  dy: TensorInfo,
): TensorInfo {
  const { pool } = backend;
  const [, , inputs, outputs] = geometry.filter;
  const [images] = geometry.x;
  const tiling = tilingOf(geometry.y, inputs + outputs);
  const layout = product(backend, geometry, tiling, tiling.chunk).desc(ARG.diffWeights);
  const [from, by] = [
    new TilePlanes(backend, INPUT_MAP, tiling, x),
    new TilePlanes(backend, GRADIENT_MAP, tiling, dy),
  ];
  const [xs, dys] = [from, by].map((planes) =>
    backend.allocate(PLANES ** 2 * planes.planeBytes(tiling.chunk)),
  );
  const sums = backend.allocate(PLANES ** 2 * layout.bytes);
  const part = images > tiling.chunk ? backend.allocate(sums.bytes) : null;
  try {
    for (let start = 0; start < images; start += tiling.chunk) {
      const count = Math.min(tiling.chunk, images - start);
      from.write(start, count, xs.pointer);
      by.write(start, count, dys.pointer);
      const primitive = product(backend, geometry, tiling, count);
      const into = start === 0 || part === null ? sums : part;
      for (let plane = 0; plane < PLANES ** 2; plane++) {
        backend.execute(primitive, [
          xs.pointer + BigInt(plane * from.planeBytes(count)),
          dys.pointer + BigInt(plane * by.planeBytes(count)),
          into.pointer + BigInt(plane * layout.bytes),
        ]);
      }
      if (into !== sums) {
        const all = backend.descriptors.dense([(PLANES ** 2 * layout.bytes) / FLOAT_BYTES], 'f32');
        chain(backend, all, sums.pointer, [withVector('add', into.pointer)], sums.pointer);
      }
    }
    return filterOfPlanes(backend, geometry.filter, sums.pointer, layout);
  } finally {
    from.release();
    by.release();
    for (const block of [xs, dys, sums]) pool.release(block);
    if (part !== null) pool.release(part);
  }
}

/** A plane's gradient by a filter of 1×1. */
function product(
  backend: OneDnnBackend,
  { filter }: Geometry,
  { rows, columns }: Tiling,
  images: number,
): Primitive {
  const { descriptors } = backend;
  const [, , inputs, outputs] = filter;
  const tiles = images * rows * columns;
  const wanted = (kind: 'convolution' | 'convolutionBackwardWeights') => (): Operation => {
    const descs: ConvolutionDescs = {
      src: descriptors.blocked([1, inputs, tiles, 1], 'f32'),
      weights: descriptors.any([outputs, inputs, 1, 1], 'f32'),
      bias: null,
      dst: descriptors.blocked([1, outputs, tiles, 1], 'f32'),
    };
    return { kind, descs, window: POINTWISE, isTraining: true };
  };
  return backend.primitive(
    `winogradFilter|${tiles}|${inputs}|${outputs}`,
    [ARG.src, ARG.diffDst, ARG.diffWeights],
    wanted('convolutionBackwardWeights'),
    [],
    wanted('convolution'),
  );
}
