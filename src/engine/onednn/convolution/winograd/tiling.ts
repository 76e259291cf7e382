import type { ComputeType, OneDnnBackend } from '../../backend.js';
import { type ChannelBlock, paddedChannels } from '../../ffi/channelBlock.js';
import { bytesPerElement } from '../../ffi/enums.js';
import { type Tile, type Transform, TRANSFORMS } from './transforms.js';

/**
 * Memory for the planes of one chunk of images, both of a product's factors or its factor and its result, about; for blocks of eight channels
 * (AVX2) and of sixteen, by measurement (scripts/LOG.md).
 */
const CHUNK_BYTES: Readonly<Record<ChannelBlock, number>> = { 8: 2 ** 25, 16: 2 ** 23 };

/** A filter's gradient is added up of those by chunks of so many tiles at least, about: fewer, and the sums take as long as the products. */
export const LEAST_SUMMED = 512;

/** Tiles over outputs of so many rows and columns; those at the end may reach beyond. */
export interface Tiling {
  readonly transform: Transform;
  readonly rows: number;
  readonly columns: number;
  /** Images at once. */
  readonly chunk: number;
  /** Planes of an image. */
  readonly planes: number;
}

/** What has planes: so many channels of that type, in blocks. */
export interface Planes {
  readonly channels: number;
  /** With those that the last block has room for; they are 0. */
  readonly padded: number;
  readonly type: ComputeType;
}

function planesOf(
  { descriptors: { channelBlock } }: OneDnnBackend,
  channels: number,
  type: ComputeType,
): Planes {
  return { channels, padded: paddedChannels(channels, channelBlock), type };
}

/** A product's factor. */
export const factorPlanes = (backend: OneDnnBackend, channels: number): Planes =>
  planesOf(backend, channels, backend.computeType);

/** A product's result, which tiles are summed up from. */
export const resultPlanes = (backend: OneDnnBackend, channels: number): Planes =>
  planesOf(backend, channels, 'f32');

/**
 * @param outputs [N, H, W, C] of the convolution whose tiles they are
 * @param both of a product's factors, or its factor and its result
 * @param leastTiles of a chunk, about
 */
export function tilingOf(
  { descriptors: { channelBlock: block } }: OneDnnBackend,
  tile: Tile,
  outputs: readonly number[],
  both: readonly Planes[],
  leastTiles = 1,
): Tiling {
  const transform = TRANSFORMS[tile];
  const planes = transform.size ** 2;
  const [rows, columns] = [outputs[1], outputs[2]].map((size) => Math.ceil(size / tile));
  const pixelBytes = both.reduce((sum, { padded, type }) => sum + padded * bytesPerElement[type], 0);
  const imageBytes = pixelBytes * planes * rows * columns;
  const most = Math.max(
    1,
    Math.floor(CHUNK_BYTES[block] / imageBytes),
    Math.ceil(leastTiles / (rows * columns)),
  );
  // Alike, so that few primitives are compiled.
  const chunk = Math.ceil(outputs[0] / Math.ceil(outputs[0] / most));
  return { transform, rows, columns, chunk, planes };
}

/** Of a cache's lines, and how many of them the sets of the nearest caches are apart in which planes lie: an odd part of a page. */
const [LINE_BYTES, PAGE_LINES, APART] = [64, 64, 11];

/** Bytes from a plane of so many images to the next; such that the pixels of a tile's planes do not fall into one set of a cache. */
export function planeBytes({ rows, columns }: Tiling, images: number, { padded, type }: Planes): number {
  const lines = Math.ceil((bytesPerElement[type] * images * rows * columns * padded) / LINE_BYTES);
  const more = (APART - (lines % PAGE_LINES) + PAGE_LINES) % PAGE_LINES;
  return LINE_BYTES * (lines + more);
}
