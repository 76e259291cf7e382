import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import { ARG } from '../../ffi/enums.js';
import type { Block } from '../../memory/memoryPool.js';
import { HeldImages } from '../heldImages.js';
import { FLOAT_BYTES, planeBytes, type Tiling } from './tiling.js';
import type { Taps } from './transforms.js';

/** Channels that the library's depthwise kernel gets at once: with fewer it takes twice as long. */
export const CHANNEL_GROUP = 64;

type Axis = 'rows' | 'columns';

/**
 * The planes of a tensor's images [n, H, W, C], C a multiple of 64, f32: for each column and, within it, each row of a tile's planes [C / block, n, tile
 * rows, tile columns, C mod block]. Images are put into frames that whole tiles fill, the channels' blocks outermost. Depthwise convolutions that move
 * from tile to tile, the same for all channels, make planes of rows of them, and of those planes of columns.
 */
export class TilePlanes {
  readonly #held: HeldImages;
  readonly #frames: Block;
  readonly #rows: Block;
  readonly #taps: readonly Taps[];
  /** Rows and columns of zeros before a frame's first. */
  readonly #border: number;
  /** Rows and columns of a frame. */
  readonly #frame: readonly [number, number];

  /** @param of what the tensor is: a convolution's inputs, before whose first tiles a row and a column of zeros are, or the gradient by its outputs */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly of: 'inputs' | 'gradients',
    private readonly tiling: Tiling,
    private readonly tensor: TensorInfo,
  ) {
    const { transform, rows, columns, chunk } = tiling;
    const { tile, size } = transform;
    this.#border = of === 'inputs' ? 1 : 0;
    this.#held = new HeldImages(backend, tensor, 'f32');
    this.#taps = transform[of];
    this.#frame = [tile * rows + this.#border, tile * columns + this.#border];
    const pixelBytes = FLOAT_BYTES * chunk * tensor.shape[3];
    const bytes = pixelBytes * this.#frame[0] * this.#frame[1];
    this.#frames = backend.allocate(bytes);
    this.#rows = backend.allocate(pixelBytes * size * rows * this.#frame[1]);
    // Images are written into the frames' corners, and the rest stays 0.
    backend.native.library.clear(this.#frames.pointer, bytes);
  }

  /** Writes the planes of images start…start + count, one after another. */
  write(start: number, count: number, dst: bigint): void {
    this.#frameImages(start, count);
    const channels = this.tensor.shape[3];
    const { rows, columns, transform } = this.tiling;
    const { size } = transform;
    const [height, width] = this.#frame;
    const rowsBytes = FLOAT_BYTES * count * rows * width * channels;
    const groups = (count * channels) / CHANNEL_GROUP;
    for (let row = 0; row < size; row++) {
      const into = this.#rows.pointer + BigInt(row * rowsBytes);
      const images = [groups, CHANNEL_GROUP, height, width];
      this.#depthwise('rows', row, images, [groups, CHANNEL_GROUP, rows, width], this.#frames.pointer, into);
    }
    for (let column = 0; column < size; column++) {
      const into = dst + BigInt(column * size * planeBytes(this.tiling, count, channels));
      const images = [size * groups, CHANNEL_GROUP, rows, width];
      this.#depthwise('columns', column, images, [...images.slice(0, 3), columns], this.#rows.pointer, into);
    }
  }

  release(): void {
    this.backend.pool.release(this.#frames);
    this.backend.pool.release(this.#rows);
  }

  #frameImages(start: number, count: number): void {
    const { descriptors } = this.backend;
    const [, height, width] = this.tensor.shape;
    const [frameRows, frameColumns] = this.#frame;
    const block = descriptors.channelBlock;
    const from = this.#held.blocksOf(count, Math.min(height, frameRows), Math.min(width, frameColumns));
    const frame = frameRows * frameColumns * block;
    this.backend.reorder(
      from,
      this.#held.addressOf(start),
      descriptors.strided(from.dims, 'f32', [frame, count * frame, frameColumns * block, block, 1]),
      this.#frames.pointer,
    );
  }

  /** One row of the map along an axis. @param from and @param to dimensions, NCHW */
  #depthwise(
    axis: Axis,
    index: number,
    from: readonly number[],
    to: readonly number[],
    src: bigint,
    dst: bigint,
  ): void {
    const { backend, of, tiling } = this;
    const { descriptors } = backend;
    const { tile } = tiling.transform;
    const { first, factors } = this.#taps[index];
    const along = (value: number, other: number): number[] =>
      axis === 'rows' ? [value, other] : [other, value];
    const filter = [CHANNEL_GROUP, 1, 1, ...along(factors.length, 1)];
    const before = this.#border - first;
    const key = [axis, tile, factors.length, before, ...from].join();
    const primitive = backend.primitive(`winogradTiles|${key}`, [ARG.src, ARG.weights, ARG.dst], () => ({
      kind: 'convolution',
      descs: {
        src: descriptors.blocked(from, 'f32'),
        weights: descriptors.any(filter, 'f32'),
        bias: null,
        dst: descriptors.blocked(to, 'f32'),
      },
      window: { strides: along(tile, 1), dilations: [0, 0], padBefore: along(before, 0), padAfter: [0, 0] },
      isTraining: true,
    }));
    const weights = backend.constants(`winograd ${of} ${tile} ${axis} ${index}`, filter, () =>
      Float32Array.from({ length: CHANNEL_GROUP * factors.length }, (_, i) => factors[i % factors.length]),
    );
    backend.execute(primitive, [src, backend.input(weights, primitive.desc(ARG.weights)), dst]);
  }
}
