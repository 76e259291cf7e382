import type { TensorInfo } from '@tensorflow/tfjs-core';
import { channelsLast, nchwShape, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import type { NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/**
 * The images of a tensor [N, H, W, C], to be read some at a time: with their channels last or in blocks. Both keep an image in one piece;
 * whichever the tensor is in already costs no conversion.
 */
export class HeldImages {
  readonly isChannelsLast: boolean;
  readonly #dims: readonly number[];
  readonly #pointer: bigint;
  readonly #imageBytes: number;

  constructor(
    private readonly backend: OneDnnBackend,
    tensor: TensorInfo,
    private readonly type: NativeType,
  ) {
    const { descriptors } = backend;
    this.#dims = nchwShape(tensor.shape);
    const last = channelsLast(descriptors, this.#dims, type);
    this.isChannelsLast = backend.layout(tensor) === toNhwc(descriptors, last);
    const whole = this.layoutOf(this.#dims[0]);
    this.#pointer = backend.input(tensor, toNhwc(descriptors, whole));
    this.#imageBytes = whole.bytes / this.#dims[0];
  }

  /** Of so many images, axes NCHW. */
  layoutOf(count: number): MemoryDesc {
    const { descriptors } = this.backend;
    const dims = [count, ...this.#dims.slice(1)];
    return this.isChannelsLast
      ? channelsLast(descriptors, dims, this.type)
      : descriptors.blocked(dims, this.type);
  }

  /** Of the first rows and columns of so many images, [images, C / block, rows, columns, block]; C fills its blocks. */
  blocksOf(count: number, rows: number, columns: number): MemoryDesc {
    const { descriptors } = this.backend;
    const block = descriptors.channelBlock;
    const [, channels, height, width] = this.#dims;
    const size = height * width;
    const strides = this.isChannelsLast
      ? [size * channels, block, width * channels, channels, 1]
      : [size * channels, size * block, width * block, block, 1];
    return descriptors.strided([count, channels / block, rows, columns, block], this.type, strides);
  }

  addressOf(image: number): bigint {
    return this.#pointer + BigInt(image * this.#imageBytes);
  }
}
