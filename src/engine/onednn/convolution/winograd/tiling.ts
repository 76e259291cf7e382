import { bytesPerElement } from '../../ffi/enums.js';
import { type Tile, type Transform, TRANSFORMS } from './transforms.js';

export const FLOAT_BYTES = bytesPerElement.f32;

/** Memory for the planes of one chunk of images, both of a product's factors or its factor and its result, about (scripts/LOG.md). */
const CHUNK_BYTES = 2 ** 24;

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

/** Bytes of a plane of so many images. */
export const planeBytes = ({ rows, columns }: Tiling, images: number, channels: number): number =>
  FLOAT_BYTES * images * rows * columns * channels;
