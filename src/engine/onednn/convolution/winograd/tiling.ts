import { bytesPerElement } from '../../ffi/enums.js';
import { PLANES, TILE } from './transforms.js';

export const FLOAT_BYTES = bytesPerElement.f32;

/** Memory for the planes of one chunk of images, both of a product's factors or its factor and its result, about (scripts/LOG.md). */
const CHUNK_BYTES = 2 ** 25;

/** Tiles over outputs of so many rows and columns; those at the end may reach beyond. */
export interface Tiling {
  readonly rows: number;
  readonly columns: number;
  /** Images at once. */
  readonly chunk: number;
}

/** @param outputs [N, H, W, C] of the convolution whose tiles they are */
export function tilingOf(outputs: readonly number[], channels: number): Tiling {
  const [rows, columns] = [outputs[1], outputs[2]].map((size) => Math.ceil(size / TILE));
  const imageBytes = FLOAT_BYTES * PLANES ** 2 * rows * columns * channels;
  const most = Math.max(1, Math.floor(CHUNK_BYTES / imageBytes));
  // Alike, so that few primitives are compiled.
  const chunk = Math.ceil(outputs[0] / Math.ceil(outputs[0] / most));
  return { rows, columns, chunk };
}
