import type { OneDnnBackend } from '../../backend.js';
import type { Activation } from '../../elementwise/chain.js';
import type { Block } from '../../memory/memoryPool.js';
import { FLOAT_BYTES, planeBytes, type Tiling } from './tiling.js';
import { addresses, addUp } from './weightedSum.js';

/** What becomes of the planes that products wrote, column by column: Aᵀ M A, tile by tile, as images [N, H, W, C] in blocks of channels. */
export class TileOutputs {
  readonly #column: Block;
  readonly #sums: Block;

  /** @param activation is applied to the sums */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly tiling: Tiling,
    private readonly shape: readonly number[],
    private readonly images: bigint,
    private readonly activation: Activation,
  ) {
    const bytes = planeBytes(tiling, tiling.chunk, shape[3]);
    this.#column = backend.allocate(tiling.transform.size * bytes);
    this.#sums = backend.allocate(bytes);
  }

  /** Writes images start…start + count. */
  write(planes: bigint, start: number, count: number): void {
    const { backend, tiling } = this;
    const { size, outputs } = tiling.transform;
    const bytes = planeBytes(tiling, count, this.shape[3]);
    const plane = backend.descriptors.dense([bytes / FLOAT_BYTES], 'f32');
    const column = backend.descriptors.dense([(size * bytes) / FLOAT_BYTES], 'f32');
    const [all, sums] = [addresses(planes, size, column.bytes), addresses(this.#column.pointer, size, bytes)];
    outputs.forEach((byColumn, across) => {
      addUp(backend, column, byColumn, all, this.#column.pointer);
      outputs.forEach((byRow, down) => {
        addUp(backend, plane, byRow, sums, this.#sums.pointer, this.activation);
        this.#spread(down, across, start, count);
      });
    });
  }

  release(): void {
    this.backend.pool.release(this.#column);
    this.backend.pool.release(this.#sums);
  }

  /** Writes one output of each tile to its place. */
  #spread(row: number, column: number, start: number, count: number): void {
    const { descriptors } = this.backend;
    const block = descriptors.channelBlock;
    const [, height, width, channels] = this.shape;
    const { rows, columns, transform } = this.tiling;
    const { tile } = transform;
    const from = [rows * columns * block, count * rows * columns * block, columns * block, block, 1];
    const size = height * width * block;
    const into = [size * (channels / block), size, tile * width * block, tile * block, 1];
    for (const down of runs(height, row, tile)) {
      for (const across of runs(width, column, tile)) {
        const dims = [count, channels / block, down.count, across.count, block];
        const pixel = (row + tile * down.start) * width + column + tile * across.start;
        this.backend.reorder(
          descriptors.strided(dims, 'f32', from),
          this.#sums.pointer + BigInt(FLOAT_BYTES * (down.start * columns + across.start) * block),
          descriptors.strided(dims, 'f32', into),
          this.images + BigInt(FLOAT_BYTES * (start * channels * height * width + pixel * block)),
        );
      }
    }
  }
}

/**
 * The tiles whose `offset`-th row is within `size` rows. Where the last of them ends beyond, it goes alone: the library refuses strides by
 * which a row would reach into the next image.
 */
function runs(size: number, offset: number, tile: number): { start: number; count: number }[] {
  const count = Math.ceil((size - offset) / tile);
  const whole = tile * count <= size ? count : count - 1;
  return [
    { start: 0, count: whole },
    { start: whole, count: count - whole },
  ].filter((run) => run.count > 0);
}
