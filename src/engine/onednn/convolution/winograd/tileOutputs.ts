import type { OneDnnBackend } from '../../backend.js';
import type { Activation } from '../../elementwise/chain.js';
import type { Block } from '../../memory/memoryPool.js';
import { signedSum } from './signedSums.js';
import { FLOAT_BYTES, type Tiling } from './tiling.js';
import { OUTPUT_SIGNS, PLANES, TILE } from './transforms.js';

/** What becomes of the planes that products wrote: Aᵀ M A, tile by tile, as images [N, H, W, C] in blocks of channels. */
export class TileOutputs {
  readonly #sums: Block;

  /** @param activation is applied to the sums */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly tiling: Tiling,
    private readonly shape: readonly number[],
    private readonly images: bigint,
    private readonly activation: Activation,
  ) {
    this.#sums = backend.allocate(this.planeBytes(tiling.chunk));
  }

  /** Bytes of a plane of so many images. */
  planeBytes(count: number): number {
    return FLOAT_BYTES * count * this.shape[3] * this.tiling.rows * this.tiling.columns;
  }

  /** Writes images start…start + count. @param planes one after another */
  write(planes: bigint, start: number, count: number): void {
    const bytes = this.planeBytes(count);
    const vector = this.backend.descriptors.dense([bytes / FLOAT_BYTES], 'f32');
    const all = Array.from({ length: PLANES ** 2 }, (_, plane) => planes + BigInt(plane * bytes));
    for (let row = 0; row < TILE; row++) {
      for (let column = 0; column < TILE; column++) {
        const signs = OUTPUT_SIGNS[row].flatMap((a) => OUTPUT_SIGNS[column].map((b) => a * b));
        signedSum(this.backend, vector, signs, all, this.#sums.pointer, this.activation);
        this.#spread(row, column, start, count);
      }
    }
  }

  release(): void {
    this.backend.pool.release(this.#sums);
  }

  /** Writes one output of each tile to its place. */
  #spread(row: number, column: number, start: number, count: number): void {
    const { descriptors } = this.backend;
    const block = descriptors.channelBlock;
    const [, height, width, channels] = this.shape;
    const { rows, columns } = this.tiling;
    const from = [rows * columns * block, count * rows * columns * block, columns * block, block, 1];
    const size = height * width * block;
    const into = [size * (channels / block), size, TILE * width * block, TILE * block, 1];
    for (const down of runs(height, row)) {
      for (const across of runs(width, column)) {
        const dims = [count, channels / block, down.count, across.count, block];
        const pixel = (row + TILE * down.start) * width + column + TILE * across.start;
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
function runs(size: number, offset: number): { start: number; count: number }[] {
  const count = Math.ceil((size - offset) / TILE);
  const whole = TILE * count <= size ? count : count - 1;
  return [
    { start: 0, count: whole },
    { start: whole, count: count - whole },
  ].filter((run) => run.count > 0);
}
