import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../../backend.js';
import type { Lanes } from '../../machine/assembler.js';
import { runStrips, type Strides, vectorsOf } from '../../machine/strips.js';
import { HeldImages } from '../heldImages.js';
import { FLOAT_BYTES } from '../../ffi/enums.js';
import { factorPlanes, planeBytes, type Tiling } from './tiling.js';
import { toPlanesCode } from './toPlanesCode.js';

/** Channels that fill their last block in part fill it half. */
export const HALF_BLOCK: Lanes = 8;

/**
 * The planes of a tensor's images [n, H, W, C], of the backend's type: for each column and, within it, each row of a tile's planes
 * [C / block, n, tile rows, tile columns, block].
 */
export class TilePlanes {
  readonly #held: HeldImages;
  readonly #strides: Strides;
  /** Rows and columns of zeros before an image's first. */
  readonly #border: number;

  /** @param of what the tensor is: a convolution's inputs, before whose first tiles a row and a column of zeros are, or the gradient by its outputs */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly of: 'inputs' | 'gradients',
    private readonly tiling: Tiling,
    private readonly tensor: TensorInfo,
  ) {
    this.#border = of === 'inputs' ? 1 : 0;
    this.#held = new HeldImages(backend, tensor, backend.computeType);
    this.#strides = this.#held.strides;
  }

  /** Writes the planes of images start…start + count, one after another. */
  write(start: number, count: number, dst: bigint): void {
    const { backend, of, tiling, tensor } = this;
    const { transform, rows, columns } = tiling;
    const [, height, width, channels] = tensor.shape;
    const planes = factorPlanes(backend, channels);
    const strides = this.#strides;
    // A vector has channels or has none.
    const lanes = planes.padded === channels ? undefined : HALF_BLOCK;
    const vectors = vectorsOf(backend, lanes);
    const type = backend.computeType;
    const shape = { border: this.#border, height, width, channels, strides, rows, columns, type, ...vectors };
    const key = ['toPlanes', of, transform.tile, ...tensor.shape.slice(1), rows, columns, strides.pixel].join(
      '|',
    );
    const zeros = backend.constant(0, (width * strides.pixel) / FLOAT_BYTES);
    runStrips(
      backend,
      key,
      () => toPlanesCode({ map: transform[of], tile: transform.tile, ...shape }),
      { images: count, rows, channels: planes.padded, lanes: vectors.lanes },
      [
        this.#held.addressOf(start),
        dst,
        planeBytes(tiling, count, planes),
        backend.input(zeros, backend.descriptors.dense(zeros.shape, 'f32')),
      ],
    );
  }
}
