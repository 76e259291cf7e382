import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import { FLOAT_BYTES } from '../ffi/enums.js';
import type { Geometry } from './geometry.js';
import { HeldImages } from './heldImages.js';
import type { Block } from '../memory/memoryPool.js';

/** Memory for the columns of one chunk of images, about: half and twice as much are slower. */
const CHUNK_BYTES = 2 ** 24;

/** Images at once: a multiple of 8, or all there are. */
export function chunkOf({ x, filter, y }: Geometry): number {
  const imageBytes = FLOAT_BYTES * y[1] * y[2] * filter[0] * filter[1] * filter[2];
  return Math.min(x[0], Math.max(8, 8 * Math.floor(CHUNK_BYTES / imageBytes / 8)));
}

/**
 * What lies under each tap of a filter, beside each other (im2col): for taps t (row by row), channels c, images n and positions of the output,
 * the pixel under t, in f32 and in blocks of channels, [t, c / block, n, rows, columns, c mod block]. Pixels come from a copy with zeros around,
 * so that all taps read windows of one shape.
 */
export class Columns {
  readonly #held: HeldImages;
  readonly #padded: Block;
  readonly #rows: number;
  readonly #columns: number;
  readonly #block: number;

  constructor(
    private readonly backend: OneDnnBackend,
    private readonly geometry: Geometry,
    x: TensorInfo,
  ) {
    const { filter, y } = geometry;
    this.#held = new HeldImages(backend, x, 'f32');
    this.#rows = y[1] + filter[0] - 1;
    this.#columns = y[2] + filter[1] - 1;
    this.#block = backend.descriptors.channelBlock;
    const bytes = FLOAT_BYTES * chunkOf(geometry) * filter[2] * this.#rows * this.#columns;
    this.#padded = backend.allocate(bytes);
    // Chunks write inside the frame of zeros, which stays.
    backend.native.library.clear(this.#padded.pointer, bytes);
  }

  /** Writes the columns of images start…start + count. */
  write(start: number, count: number, dst: bigint): void {
    this.#pad(start, count);
    const { descriptors } = this.backend;
    const [kh, kw, inputs] = this.geometry.filter;
    const [, height, width] = this.geometry.y;
    const block = this.#block;
    const dims = [count, inputs / block, height, width, block];
    const from = descriptors.strided(dims, 'f32', this.#paddedStrides());
    const into = descriptors.dense(dims, 'f32', [1, 0, 2, 3, 4]);
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        const at = dst + BigInt((row * kw + column) * into.bytes);
        this.backend.reorder(from, this.#pixel(row, column), into, at);
      }
    }
  }

  release(): void {
    this.backend.pool.release(this.#padded);
  }

  #pad(start: number, count: number): void {
    const { descriptors } = this.backend;
    const { x, window } = this.geometry;
    const [, height, width] = x;
    const from = this.#held.blocksOf(count, height, width);
    const [above, before] = window.padBefore;
    this.backend.reorder(
      from,
      this.#held.addressOf(start),
      descriptors.strided(from.dims, 'f32', this.#paddedStrides()),
      this.#pixel(above, before),
    );
  }

  #paddedStrides(): number[] {
    const size = this.#rows * this.#columns;
    return [size * this.geometry.filter[2], size * this.#block, this.#columns * this.#block, this.#block, 1];
  }

  #pixel(row: number, column: number): bigint {
    return this.#padded.pointer + BigInt(FLOAT_BYTES * this.#block * (row * this.#columns + column));
  }
}
