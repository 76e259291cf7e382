import type { TensorInfo } from '@tensorflow/tfjs-core';
import { channelsLast, nchwShape, toNhwc } from './axes.js';
import type { OneDnnBackend } from '../backend.js';
import { type ChannelBlock, paddedChannels } from '../ffi/channelBlock.js';
import { bytesPerElement, type NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import type { Strides } from '../machine/strips.js';

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

  get strides(): Strides {
    const { channelBlock } = this.backend.descriptors;
    return stridesOf(this.#dims, { block: channelBlock, isLast: this.isChannelsLast, type: this.type });
  }

  /** Of the first rows and columns of so many images, [images, C / block, rows, columns, block]; C fills its blocks. */
  blocksOf(count: number, rows: number, columns: number): MemoryDesc {
    const { descriptors } = this.backend;
    const { channelBlock } = descriptors;
    const { image, block, row, pixel } = this.strides;
    const strides = [image, block, row, pixel].map((bytes) => bytes / bytesPerElement[this.type]);
    const dims = [count, this.#dims[1] / channelBlock, rows, columns, channelBlock];
    return descriptors.strided(dims, this.type, [...strides, 1]);
  }

  addressOf(image: number): bigint {
    return this.#pointer + BigInt(image * this.#imageBytes);
  }
}

/** Bytes from an element of images, axes NCHW, to the next of each kind; channels are last, or in blocks, the last of which they may fill in part. */
export function stridesOf(
  [, channels, height, width]: readonly number[],
  { block, isLast, type }: { block: ChannelBlock; isLast: boolean; type: NativeType },
): Strides {
  const element = bytesPerElement[type];
  const pixel = element * (isLast ? channels : block);
  return {
    image: element * (isLast ? channels : paddedChannels(channels, block)) * height * width,
    block: element * block * (isLast ? 1 : height * width),
    row: pixel * width,
    pixel,
    channel: element,
  };
}
