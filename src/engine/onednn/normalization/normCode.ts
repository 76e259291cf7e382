import type { NormActivation } from '../../ops/normActivation.js';
import type { ComputeType } from '../backend.js';
import { type ActivationCode, activationCode } from '../machine/activationCode.js';
import { type Assembler, R } from '../machine/assembler.js';
import { loadElements, storeElements } from '../machine/elements.js';
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
export const NORM = { x: 0, dy: 1, result: 2, channels: 3, sums: 4 } as const;

/** What belongs to a channel, f32, one vector of all channels after another: x − mean, times factor, plus offset is normalised. */
export const CHANNEL = { mean: 0, factor: 1, offset: 2, shift: 3, slope: 4 } as const;
type OfChannel = keyof typeof CHANNEL;

/** Sums of each vector of channels: moments have the first pixel's values before them, from which differences are taken. */
const SUMS = { moments: 3, gradient: 2 } as const;
export type Summed = keyof typeof SUMS;
export const sumsOf = (summed: Summed): number => SUMS[summed];

/** Vectors: those of a channel, from here on by CHANNEL's places; sums, a row's in place of channels' that nobody needs where there are sums; others, changed by each pixel. */
const [KEPT, SUM, OTHER_SUM] = [8, 13, 15];
const FIRST = KEPT;
const [ROW_SUM, OTHER_ROW_SUM] = [KEPT + CHANNEL.shift, KEPT + CHANNEL.slope];
const [X, GRADIENT, Z] = [0, 1, 7];
const SPARE = [2, 3, 4, 5, 6];

/** Where the next pixel of each tensor is, and what the strip's next sums and channels are at. */
const [X_AT, DY_AT, RESULT_AT, CHANNEL_AT, SUMS_AT] = [R.r8, R.r9, R.r10, R.r13, R.r14];
const TENSORS = { x: X_AT, dy: DY_AT, result: RESULT_AT } as const;

/** What is done at the pixels of a vector of channels, from before the first to after the last. */
interface Pass {
  readonly tensors: readonly (keyof typeof TENSORS)[];
  readonly ofChannel: readonly OfChannel[];
  readonly summed?: Summed;
  readonly onePixel: (code: Assembler) => void;
}

function passCode(groups: Groups, { tensors, ofChannel, summed, onePixel }: Pass): Uint8Array {
  const { images, height, width, channels, strides, lanes } = groups;
  const vectors = channels / lanes;
  const ofGroup = { ...strides, image: images * strides.image };
  const sums = summed === undefined ? 0 : SUMS[summed];

  const rows = (code: Assembler): void => {
    code.repeat(R.r11, height, () => {
      if (sums > 0) for (const sum of [ROW_SUM, OTHER_ROW_SUM]) code.zeroVector(sum);
      code.repeat(R.rcx, width, () => {
        onePixel(code);
        for (const name of tensors) code.addInteger(TENSORS[name], strides.pixel);
      });
      if (sums === 0) return;
      // A single sum over many pixels would lose digits.
      code.addVectors(SUM, SUM, ROW_SUM);
      code.addVectors(OTHER_SUM, OTHER_SUM, OTHER_ROW_SUM);
    });
  };
  /** A strip's sums, and before moments' the first pixel. */
  const sumVectors = summed === 'moments' ? [FIRST, SUM, OTHER_SUM] : [SUM, OTHER_SUM];

  return stripsCode({ rows: 1, vectors: 1, lanes }, 0, (code) => {
    const at = (i: number): { base: number; offset: number } => ({
      base: SUMS_AT,
      offset: i * code.vector,
    });
    const sumBytes = vectors * sums * code.vector;
    if (sums > 0) {
      code.multiplyInteger(SUMS_AT, R.rbx, sumBytes);
      code.add(SUMS_AT, argument(NORM.sums));
      firstPixel(code, X_AT, NORM.x, ofGroup, 0);
      for (const vector of sumVectors) code.zeroVector(vector);
      code.repeat(R.r11, vectors, () => {
        if (summed === 'moments') loadElements(code, groups.type, FIRST, { base: X_AT });
        sumVectors.forEach((vector, i) => {
          code.store(at(i), vector);
        });
        code.addInteger(X_AT, strides.block);
        code.addInteger(SUMS_AT, sums * code.vector);
      });
      code.addInteger(SUMS_AT, -sumBytes);
    }
    for (const name of tensors) firstPixel(code, TENSORS[name], NORM[name], ofGroup, 0);
    code.repeat(R.r12, images, () => {
      code.move(CHANNEL_AT, argument(NORM.channels));
      code.repeat(R.rbx, vectors, () => {
        for (const name of ofChannel) {
          const offset = CHANNEL[name] * channels * Float32Array.BYTES_PER_ELEMENT;
          code.load(KEPT + CHANNEL[name], { base: CHANNEL_AT, offset });
        }
        if (sums > 0) {
          sumVectors.forEach((vector, i) => {
            code.load(vector, at(i));
          });
        }
        rows(code);
        if (sums > 0) {
          sumVectors.forEach((vector, i) => {
            code.store(at(i), vector);
          });
        }
        for (const name of tensors) code.addInteger(TENSORS[name], strides.block - height * strides.row);
        code.addInteger(CHANNEL_AT, code.vector);
        code.addInteger(SUMS_AT, sums * code.vector);
      });
      code.addInteger(SUMS_AT, -sumBytes);
      for (const name of tensors) code.addInteger(TENSORS[name], strides.image - vectors * strides.block);
    });
  });
}

/** Of each group: its first pixel, and the sums of the differences from it and of their squares. */
export function momentsCode(groups: Groups): Uint8Array {
  return passCode(groups, {
    tensors: ['x'],
    ofChannel: [],
    summed: 'moments',
    onePixel: (code) => {
      loadElements(code, groups.type, X, { base: X_AT });
      code.subtractVectors(X, X, FIRST);
      code.addVectors(ROW_SUM, ROW_SUM, X);
      code.addProduct(OTHER_ROW_SUM, X, X);
    },
  });
}

/** Null of none. Where results are rounded to bf16, so are its own errors. */
const activationOf = ({ activation, type }: Groups): ActivationCode | null =>
  activation === 'linear' ? null : activationCode(activation, type === 'bf16' ? 'half' : 'full');

/** X ← x − mean */
function centre(code: Assembler, type: ComputeType): void {
  loadElements(code, type, X, { base: X_AT });
  code.subtractVectors(X, X, KEPT + CHANNEL.mean);
}

/** X ← x − mean; Z ← that times factor plus offset. */
function normalise(code: Assembler, type: ComputeType): void {
  centre(code, type);
  code.multiplyVectors(Z, X, KEPT + CHANNEL.factor);
  code.addVectors(Z, Z, KEPT + CHANNEL.offset);
}

/** result ← the activation of x normalised. */
export function normaliseCode(groups: Groups): Uint8Array {
  const { type } = groups;
  const activation = activationOf(groups);
  return passCode(groups, {
    tensors: ['x', 'result'],
    ofChannel: ['mean', 'factor', 'offset'],
    onePixel: (code) => {
      normalise(code, type);
      activation?.value(code, GRADIENT, Z, SPARE);
      storeElements(code, type, { base: RESULT_AT }, activation === null ? Z : GRADIENT);
    },
  });
}

/**
 * Of each group the sums of the gradient by what was normalised, and of its products with x − mean; result ← that gradient, where an activation makes it
 * another than dy.
 */
export function gradientSumsCode(groups: Groups): Uint8Array {
  const { type } = groups;
  const activation = activationOf(groups);
  const [dy] = SPARE;
  return passCode(groups, {
    ...(activation === null
      ? { tensors: ['x', 'dy'], ofChannel: ['mean'] }
      : { tensors: ['x', 'dy', 'result'], ofChannel: ['mean', 'factor', 'offset'] }),
    summed: 'gradient',
    onePixel: (code) => {
      if (activation === null) {
        centre(code, type);
        loadElements(code, type, GRADIENT, { base: DY_AT });
      } else {
        normalise(code, type);
        activation.slope(code, GRADIENT, Z, SPARE);
        loadElements(code, type, dy, { base: DY_AT });
        code.multiplyVectors(GRADIENT, GRADIENT, dy);
        storeElements(code, type, { base: RESULT_AT }, GRADIENT);
      }
      code.addVectors(ROW_SUM, ROW_SUM, GRADIENT);
      code.addProduct(OTHER_ROW_SUM, GRADIENT, X);
    },
  });
}

/** result ← factor · dy + slope · (x − mean) + shift; dy is the gradient by what was normalised, and may be where the result is to be. */
export function inputGradientCode(groups: Groups): Uint8Array {
  const { type } = groups;
  return passCode(groups, {
    tensors: ['x', 'dy', 'result'],
    ofChannel: ['mean', 'factor', 'shift', 'slope'],
    onePixel: (code) => {
      centre(code, type);
      loadElements(code, type, GRADIENT, { base: DY_AT });
      code.multiplyVectors(GRADIENT, GRADIENT, KEPT + CHANNEL.factor);
      code.addProduct(GRADIENT, X, KEPT + CHANNEL.slope);
      code.addVectors(GRADIENT, GRADIENT, KEPT + CHANNEL.shift);
      storeElements(code, type, { base: RESULT_AT }, GRADIENT);
    },
  });
}
