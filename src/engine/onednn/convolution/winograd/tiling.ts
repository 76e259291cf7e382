import { FLOAT_BYTES } from '../../ffi/enums.js';
import { type Tile, type Transform, TRANSFORMS } from './transforms.js';

/** Memory for the planes of one chunk of images, both of a product's factors or its factor and its result, about (scripts/LOG.md). */
const CHUNK_BYTES = 2 ** 25;

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

/** @param outputs [N, H, W, C] of the convolution whose tiles they are */
export function tilingOf(tile: Tile, outputs: readonly number[], channels: number): Tiling {
  const transform = TRANSFORMS[tile];
  const planes = transform.size ** 2;
  const [rows, columns] = [outputs[1], outputs[2]].map((size) => Math.ceil(size / tile));
  const imageBytes = FLOAT_BYTES * planes * rows * columns * channels;
  const most = Math.max(1, Math.floor(CHUNK_BYTES / imageBytes));
  // Alike, so that few primitives are compiled.
  const chunk = Math.ceil(outputs[0] / Math.ceil(outputs[0] / most));
  return { transform, rows, columns, chunk, planes };
}

/** Of a cache's lines, and how many of them the sets of the nearest caches are apart in which planes lie: an odd part of a page. */
const [LINE_BYTES, PAGE_LINES, APART] = [64, 64, 11];

/** Bytes from a plane of so many images to the next; such that the pixels of a tile's planes do not fall into one set of a cache. */
export function planeBytes({ rows, columns }: Tiling, images: number, channels: number): number {
  const lines = Math.ceil((FLOAT_BYTES * images * rows * columns * channels) / LINE_BYTES);
  const more = (APART - (lines % PAGE_LINES) + PAGE_LINES) % PAGE_LINES;
  return LINE_BYTES * (lines + more);
}
