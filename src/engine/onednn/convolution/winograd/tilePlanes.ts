import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import { ARG } from '../../ffi/enums.js';
import type { Primitive } from '../../ffi/primitive.js';
import type { Block } from '../../memory/memoryPool.js';
import { HeldImages } from '../heldImages.js';
import { FLOAT_BYTES, type Tiling } from './tiling.js';
import { PLANES, TILE, type Taps } from './transforms.js';

/** Channels that the library's depthwise kernel gets at once: with fewer it takes twice as long. */
export const CHANNEL_GROUP = 64;

/** How a tensor's images become planes. */
export interface TileMap {
  readonly name: string;
  readonly taps: readonly Taps[];
  /** Rows above the first tile's second one, and columns before it, which are 0: 1 for a convolution's inputs, 0 for gradients by outputs. */
  readonly border: 0 | 1;
}

/**
 * The planes of a tensor's images [n, H, W, C], C a multiple of 64: for each of sixteen positions of a tile [C / block, n, tile rows, tile columns,
 * C mod block], f32. Each is a depthwise convolution by 2×2 taps that moves from tile to tile, the same for all channels, of the images in
 * frames that whole tiles fill, the channels' blocks outermost.
 */
export class TilePlanes {
  readonly #held: HeldImages;
  readonly #frames: Block;
  readonly #block: number;
  /** Rows and columns of a frame. */
  readonly #frame: readonly [number, number];

  constructor(
    private readonly backend: OneDnnBackend,
    private readonly map: TileMap,
    private readonly tiling: Tiling,
    private readonly tensor: TensorInfo,
  ) {
    this.#held = new HeldImages(backend, tensor, 'f32');
    this.#block = backend.descriptors.channelBlock;
    this.#frame = [TILE * tiling.rows + map.border, TILE * tiling.columns + map.border];
    const bytes = FLOAT_BYTES * tiling.chunk * tensor.shape[3] * this.#frame[0] * this.#frame[1];
    this.#frames = backend.allocate(bytes);
    // Images are written into the frames' corners, and the rest stays 0.
    backend.native.library.clear(this.#frames.pointer, bytes);
  }

  /** Bytes of a plane of so many images. */
  planeBytes(count: number): number {
    return FLOAT_BYTES * count * this.tensor.shape[3] * this.tiling.rows * this.tiling.columns;
  }

  /** Writes the planes of images start…start + count, one after another. */
  write(start: number, count: number, dst: bigint): void {
    this.#frameImages(start, count);
    for (let row = 0; row < PLANES; row++) {
      for (let column = 0; column < PLANES; column++) {
        const primitive = this.#depthwise(count, row, column);
        const weights = this.#weights(primitive, row, column);
        const at = dst + BigInt((row * PLANES + column) * this.planeBytes(count));
        this.backend.execute(primitive, [this.#frames.pointer, weights, at]);
      }
    }
  }

  release(): void {
    this.backend.pool.release(this.#frames);
  }

  #frameImages(start: number, count: number): void {
    const { descriptors } = this.backend;
    const [, height, width, channels] = this.tensor.shape;
    const [frameRows, frameColumns] = this.#frame;
    const block = this.#block;
    const [rows, columns] = [Math.min(height, frameRows), Math.min(width, frameColumns)];
    const dims = [count, channels / block, rows, columns, block];
    const size = height * width;
    const strides = this.#held.isChannelsLast
      ? [size * channels, block, width * channels, channels, 1]
      : [size * channels, size * block, width * block, block, 1];
    const frame = frameRows * frameColumns * block;
    this.backend.reorder(
      descriptors.strided(dims, 'f32', strides),
      this.#held.addressOf(start),
      descriptors.strided(dims, 'f32', [frame, count * frame, frameColumns * block, block, 1]),
      this.#frames.pointer,
    );
  }

  #depthwise(count: number, row: number, column: number): Primitive {
    const { backend, map, tiling } = this;
    const { descriptors } = backend;
    const groups = (count * this.tensor.shape[3]) / CHANNEL_GROUP;
    const taps = [map.taps[row], map.taps[column]];
    const dilations = taps.map(({ gap }) => gap);
    const padBefore = taps.map(({ first }) => map.border - first);
    const key = [...this.#frame, groups, ...dilations, ...padBefore].join();
    return backend.primitive(`winogradTiles|${key}`, [ARG.src, ARG.weights, ARG.dst], () => ({
      kind: 'convolution',
      descs: {
        src: descriptors.blocked([groups, CHANNEL_GROUP, ...this.#frame], 'f32'),
        weights: descriptors.any([CHANNEL_GROUP, 1, 1, 2, 2], 'f32'),
        bias: null,
        dst: descriptors.blocked([groups, CHANNEL_GROUP, tiling.rows, tiling.columns], 'f32'),
      },
      window: { strides: [TILE, TILE], dilations, padBefore, padAfter: [0, 0] },
      isTraining: true,
    }));
  }

  /** The taps of a plane, the same for each channel. */
  #weights(primitive: Primitive, row: number, column: number): bigint {
    const { backend, map } = this;
    const [rows, columns] = [map.taps[row].factors, map.taps[column].factors];
    const filter = rows.flatMap((factor) => columns.map((other) => factor * other));
    const constant = backend.constants(`${map.name} ${row} ${column}`, [CHANNEL_GROUP, 1, 1, 2, 2], () =>
      Float32Array.from({ length: CHANNEL_GROUP * filter.length }, (_, i) => filter[i % filter.length]),
    );
    return backend.input(constant, primitive.desc(ARG.weights));
  }
}
