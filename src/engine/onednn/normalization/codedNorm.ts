import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { NormActivation } from '../../ops/normActivation.js';
import type { OneDnnBackend } from '../backend.js';
import { toNhwc } from '../convolution/axes.js';
import { HeldImages } from '../convolution/heldImages.js';
import { typeOf } from '../elementwise/elementwise.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { runStrips, vectorsOf } from '../machine/strips.js';
import { bytesOf } from '../memory/storage.js';
import { type GroupSums, joinedMoments, totals } from './groupSums.js';
import { gradientSumsCode, inputGradientCode, momentsCode, normaliseCode } from './normCode.js';
import { CHANNEL, type Groups, type Summed, sumsOf } from './passCode.js';

/*
 * Batch normalisation with the activation behind it by machine code of our own: forward and backward nine reads and writes of an activation where the
 * library's primitives take fourteen, whose threads, what is more, wait for each other without ever letting another program have the core (scripts/LOG.md).
 */

/** Most images of a group: what is summed up in f32. */
const GROUP = 16;

/** The code's numbers have 32 bits. */
const MOST_GROUP_BYTES = 2 ** 31;

/** Values of each channel, f32. */
type ByChannel = Partial<Record<keyof typeof CHANNEL, Float32Array>>;

export class CodedNorm {
  /** Layout of x and of what is like it, axes NHWC. */
  readonly #layout: MemoryDesc;
  readonly #held: HeldImages;
  readonly #groups: Groups;
  readonly #key: string;

  /** @param x of a shape that `canCodeNorm` */
  constructor(
    private readonly backend: OneDnnBackend,
    private readonly x: TensorInfo,
    activation: NormActivation,
    private readonly epsilon: number,
  ) {
    const type = typeOf(backend, x) === 'bf16' ? 'bf16' : 'f32';
    const [images, height, width, channels] = x.shape;
    this.#held = new HeldImages(backend, x, type);
    this.#layout = toNhwc(backend.descriptors, this.#held.layoutOf(images));
    const { strides, isChannelsLast } = this.#held;
    const { lanes } = vectorsOf(backend);
    const most = Math.min(GROUP, Math.floor(MOST_GROUP_BYTES / strides.image));
    const group = largestDivisor(images, most);
    this.#groups = { images: group, height, width, channels, strides, type, activation, lanes };
    this.#key = [activation, type, group, height, width, channels, isChannelsLast].join('|');
  }

  /** Mean and biased variance by channel, f32. */
  moments(): { mean: Float32Array; variance: Float32Array } {
    const sums = this.#sums('moments', momentsCode, [this.#address, 0, 0, 0]);
    const { images, height, width } = this.#groups;
    const { mean, variance } = joinedMoments(sums, images * height * width);
    return { mean: Float32Array.from(mean), variance: Float32Array.from(variance) };
  }

  /** x normalised and activated, in its layout and type. @param byChannel scale and offset are the layer's */
  normalised(byChannel: Scaled): TensorInfo {
    return this.#withChannels(this.#factors(byChannel), (channels) => {
      const y = this.backend.output(this.x.shape, 'float32', this.#layout);
      this.#run('normalise', normaliseCode, [this.#address, 0, y.pointer, channels]);
      return y.info;
    });
  }

  /** @param dy gradient by what `normalised` gives */
  gradients(
    dy: TensorInfo,
    byChannel: Scaled,
  ): { dx: TensorInfo; dScale: Float32Array; dOffset: Float32Array } {
    const { backend } = this;
    const given = backend.input(dy, this.#layout);
    const dx = backend.output(this.x.shape, 'float32', this.#layout);
    const factors = this.#factors(byChannel);
    const sums = this.#withChannels(factors, (channels) =>
      this.#sums('gradient', gradientSumsCode, [this.#address, given, dx.pointer, channels]),
    );
    const [dOffset, products] = totals(sums);
    const count = this.#count;
    const inverse = byChannel.variance.map((variance) => 1 / Math.sqrt(variance + this.epsilon));
    const dScale = Float32Array.from(products, (product, c) => product * inverse[c]);
    const { factor } = factors;
    const shift = Float32Array.from(dOffset, (sum, c) => (-factor[c] * sum) / count);
    const slope = Float32Array.from(products, (sum, c) => (-factor[c] * inverse[c] ** 2 * sum) / count);
    const byNormalised = this.#groups.activation === 'linear' ? given : dx.pointer;
    this.#withChannels({ ...factors, shift, slope }, (channels) => {
      const own = [this.#address, byNormalised, dx.pointer, channels];
      this.#run('inputGradient', inputGradientCode, own);
    });
    return { dx: dx.info, dScale, dOffset: Float32Array.from(dOffset) };
  }

  get #address(): bigint {
    return this.#held.addressOf(0);
  }

  /** Values of a channel. */
  get #count(): number {
    const [images, height, width] = this.x.shape;
    return images * height * width;
  }

  #factors({ mean, variance, scale, offset }: Scaled): ByChannel & { factor: Float32Array } {
    const factor = scale.map((value, c) => value / Math.sqrt(variance[c] + this.epsilon));
    return { mean, factor, offset };
  }

  /** Calls back with the address of what belongs to channels. */
  #withChannels<T>(byChannel: ByChannel, use: (channels: bigint) => T): T {
    const { backend } = this;
    const channels = this.x.shape[3];
    const all = new Float32Array(Object.keys(CHANNEL).length * channels);
    for (const [name, place] of Object.entries(CHANNEL)) {
      const values = byChannel[name as keyof typeof CHANNEL];
      if (values !== undefined) all.set(values, place * channels);
    }
    const block = backend.allocate(all.byteLength);
    try {
      backend.native.library.copyIn(block.pointer, bytesOf(all), all.byteLength);
      return use(block.pointer);
    } finally {
      backend.pool.release(block);
    }
  }

  #sums(
    summed: Summed,
    codeOf: (groups: Groups) => Uint8Array,
    own: readonly (bigint | number)[],
  ): GroupSums {
    const { backend } = this;
    const { images, channels, lanes } = this.#groups;
    const groups = this.x.shape[0] / images;
    const sums = sumsOf(summed);
    const values = new Float32Array(groups * channels * sums);
    const block = backend.allocate(values.byteLength);
    try {
      this.#run(summed, codeOf, [...own, block.pointer]);
      backend.native.library.copyOut(bytesOf(values), block.pointer, values.byteLength);
    } finally {
      backend.pool.release(block);
    }
    return { values, channels, groups, lanes, sums };
  }

  #run(name: string, codeOf: (groups: Groups) => Uint8Array, own: readonly (bigint | number)[]): void {
    const groups = this.#groups;
    const { lanes } = groups;
    runStrips(
      this.backend,
      `norm|${name}|${this.#key}`,
      () => codeOf(groups),
      { images: this.x.shape[0] / groups.images, rows: 1, channels: lanes, lanes },
      own,
    );
  }
}

/** By channel: the batch's statistics and the layer's parameters. */
interface Scaled {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly scale: Float32Array;
  readonly offset: Float32Array;
}

/** Of a whole number from 1, not above `most`. */
function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, Math.max(1, most));
  while (of % divisor !== 0) divisor--;
  return divisor;
}
