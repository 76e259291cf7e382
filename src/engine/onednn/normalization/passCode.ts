import type { NormActivation } from '../../ops/normActivation.js';
import type { ComputeType } from '../backend.js';
import { type Address, type Assembler, R } from '../machine/assembler.js';
import { loadElements } from '../machine/elements.js';
import { argument, firstPixel, type Strides, type Strips, stripsCode } from '../machine/strips.js';

/** Images in groups; a group is what a thread takes at once, image by image, and of an image a vector of channels after another: as they lie in memory. */
export interface Groups extends Pick<Strips, 'lanes'> {
  /** Images of a group. */
  readonly images: number;
  /** Of an image, all pixels of which follow one another. */
  readonly height: number;
  readonly width: number;
  /** They fill their vectors, which are blocks. */
  readonly channels: number;
  readonly strides: Strides;
  readonly type: ComputeType;
  readonly activation: NormActivation;
}

/** The code's arguments, by place: tensors, what belongs to a channel, and what is summed up by group. */
const ARGUMENT = { x: 0, dy: 1, result: 2, channels: 3, sums: 4 } as const;

/** What belongs to a channel, f32, one vector of all channels after another: x − mean, times factor, plus offset is normalised. */
export const CHANNEL = { mean: 0, factor: 1, offset: 2, shift: 3, slope: 4 } as const;
type OfChannel = keyof typeof CHANNEL;

/** Vectors: those of a channel, from here on by CHANNEL's places, and sums; a row's are in place of channels' that nobody needs where there are sums. */
const [KEPT, SUM, OTHER_SUM] = [8, 13, 15];
export const [ROW_SUM, OTHER_ROW_SUM] = [KEPT + CHANNEL.shift, KEPT + CHANNEL.slope];
export const FIRST = KEPT;
export const kept = (name: OfChannel): number => KEPT + CHANNEL[name];

/** Sums of each vector of channels: moments have the first pixel's values before them, from which differences are taken. */
const SUMS = { moments: [FIRST, SUM, OTHER_SUM], gradient: [SUM, OTHER_SUM] } as const;
export type Summed = keyof typeof SUMS;
export const sumsOf = (summed: Summed): number => SUMS[summed].length;

/** Where the next pixel of each tensor is. */
export const PIXEL = { x: R.r8, dy: R.r9, result: R.r10 } as const;
type Tensor = keyof typeof PIXEL;

/** Where what belongs to the next channels is, and their sums. */
const [CHANNEL_AT, SUMS_AT] = [R.r13, R.r14];

/** What is done at the pixels of a group. Vectors from 8 on are not its own. */
export interface Pass {
  readonly tensors: readonly Tensor[];
  readonly ofChannel: readonly OfChannel[];
  readonly summed?: Summed;
  readonly onePixel: (code: Assembler) => void;
}

export function passCode(groups: Groups, { tensors, ofChannel, summed, onePixel }: Pass): Uint8Array {
  const { images, height, width, channels, strides, lanes, type } = groups;
  const vectors = channels / lanes;
  const ofGroup = { ...strides, image: images * strides.image };
  const sums = summed === undefined ? [] : SUMS[summed];

  return stripsCode({ rows: 1, vectors: 1, lanes }, 0, (code) => {
    const sumBytes = sums.length * code.vector;
    const sumAt = (i: number): Address => ({ base: SUMS_AT, offset: i * code.vector });
    const move = (bytes: number): void => {
      for (const name of tensors) code.addInteger(PIXEL[name], bytes);
    };

    const clearSums = (): void => {
      code.multiplyInteger(SUMS_AT, R.rbx, vectors * sumBytes);
      code.add(SUMS_AT, argument(ARGUMENT.sums));
      for (const vector of sums) code.zeroVector(vector);
      code.repeat(R.r11, vectors, () => {
        if (summed === 'moments') loadElements(code, type, FIRST, { base: PIXEL.x });
        sums.forEach((vector, i) => {
          code.store(sumAt(i), vector);
        });
        code.addInteger(PIXEL.x, strides.block);
        code.addInteger(SUMS_AT, sumBytes);
      });
      code.addInteger(SUMS_AT, -vectors * sumBytes);
    };

    const oneRow = (): void => {
      if (sums.length > 0) for (const sum of [ROW_SUM, OTHER_ROW_SUM]) code.zeroVector(sum);
      code.repeat(R.rcx, width, () => {
        onePixel(code);
        move(strides.pixel);
      });
      if (sums.length === 0) return;
      // A single sum over many pixels would lose digits.
      code.addVectors(SUM, SUM, ROW_SUM);
      code.addVectors(OTHER_SUM, OTHER_SUM, OTHER_ROW_SUM);
    };

    /** The pixels of an image in a vector of channels. */
    const oneVector = (): void => {
      for (const name of ofChannel) {
        const offset = CHANNEL[name] * channels * Float32Array.BYTES_PER_ELEMENT;
        code.load(kept(name), { base: CHANNEL_AT, offset });
      }
      sums.forEach((vector, i) => {
        code.load(vector, sumAt(i));
      });
      code.repeat(R.r11, height, oneRow);
      sums.forEach((vector, i) => {
        code.store(sumAt(i), vector);
      });
      move(strides.block - height * strides.row);
      code.addInteger(CHANNEL_AT, code.vector);
      code.addInteger(SUMS_AT, sumBytes);
    };

    for (const name of tensors) firstPixel(code, PIXEL[name], ARGUMENT[name], ofGroup, 0);
    if (sums.length > 0) {
      clearSums();
      code.addInteger(PIXEL.x, -vectors * strides.block);
    }
    code.repeat(R.r12, images, () => {
      code.move(CHANNEL_AT, argument(ARGUMENT.channels));
      code.repeat(R.rbx, vectors, oneVector);
      code.addInteger(SUMS_AT, -vectors * sumBytes);
      move(strides.image - vectors * strides.block);
    });
  });
}
