import type { ChannelBlock } from './channelBlock.js';
import type {
  BinaryKind,
  EltwiseKind,
  NativeType,
  PoolingKind,
  ReductionKind,
  SoftmaxKind,
} from './enums.js';
import type { Layout } from './layout.js';
import type { MemoryDesc, RawDesc } from './memoryDesc.js';

/**
 * Something applied to a result before it is stored. 2.6 compiles two element-wise functions of one kind in one
 * chain as if they had the same parameters: use scalar operands instead.
 */
export type PostOp =
  | {
      readonly kind: 'eltwise';
      readonly function: EltwiseKind;
      readonly alpha?: number;
      readonly beta?: number;
    }
  | { readonly kind: 'binary'; readonly operation: BinaryKind; readonly src1: MemoryDesc }
  /** Added to what the destination holds. */
  | { readonly kind: 'sum' };

export const ADD_TO_RESULT: PostOp = { kind: 'sum' };

/** Sliding-window parameters. Lengths in elements; `dilations` as oneDNN counts them: 0 is dense. */
export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padBefore: readonly number[];
  readonly padAfter: readonly number[];
}

export interface ConvolutionDescs {
  readonly src: MemoryDesc;
  readonly weights: MemoryDesc;
  readonly bias: MemoryDesc | null;
  readonly dst: MemoryDesc;
}

/** Everything that can become a primitive. Descriptors are in oneDNN's axis order (NCHW, OIHW). */
export type Operation =
  | {
      readonly kind: 'convolution' | 'convolutionBackwardData' | 'convolutionBackwardWeights';
      readonly descs: ConvolutionDescs;
      readonly window: Window;
      readonly isTraining: boolean;
    }
  | {
      readonly kind: 'pooling' | 'poolingBackward';
      readonly algorithm: PoolingKind;
      readonly src: MemoryDesc;
      readonly dst: MemoryDesc;
      readonly kernel: readonly number[];
      readonly window: Window;
      readonly isTraining: boolean;
    }
  | {
      readonly kind: 'batchNorm' | 'batchNormBackward';
      readonly src: MemoryDesc;
      readonly dst: MemoryDesc;
      readonly epsilon: number;
      /** Batch statistics are computed (training) or given (inference). */
      readonly isTraining: boolean;
    }
  | {
      readonly kind: 'eltwise';
      readonly function: EltwiseKind;
      readonly alpha: number;
      readonly beta: number;
      readonly src: MemoryDesc;
    }
  | {
      readonly kind: 'eltwiseBackward';
      readonly function: EltwiseKind;
      readonly alpha: number;
      readonly data: MemoryDesc;
    }
  | {
      readonly kind: 'binary';
      readonly operation: BinaryKind;
      readonly src0: MemoryDesc;
      readonly src1: MemoryDesc;
      readonly dst: MemoryDesc;
    }
  | {
      readonly kind: 'matmul';
      readonly src: MemoryDesc;
      readonly weights: MemoryDesc;
      readonly bias: MemoryDesc | null;
      readonly dst: MemoryDesc;
    }
  | {
      readonly kind: 'reduction';
      readonly operation: ReductionKind;
      readonly src: MemoryDesc;
      readonly dst: MemoryDesc;
    }
  | {
      readonly kind: 'softmax';
      readonly operation: SoftmaxKind;
      readonly src: MemoryDesc;
      readonly axis: number;
    }
  | { readonly kind: 'reorder'; readonly src: MemoryDesc; readonly dst: MemoryDesc };

/** What differs between the library's major versions, and nothing else. Pointers are bigint, 0n is NULL. */
export interface Abi {
  readonly major: 2 | 3;
  readonly isaNames: Readonly<Record<number, string>>;
  /** Base of the argument numbers of post-operations. */
  readonly postOpBase: number;
  /** 2.x refuses to run a batch normalisation's gradient without the shift, though it does not read it. */
  readonly isShiftNeededByGradient: boolean;
  /**
   * 3.7 loses the last channel of an odd number when it converts to layouts that pair channels within blocks (bf16
   * weights of 3 or 17 channels).
   */
  readonly isPaddedReorderFaulty: boolean;
  strided(dims: readonly number[], type: NativeType, strides: readonly number[]): RawDesc;
  any(dims: readonly number[], type: NativeType): RawDesc;
  /** NCHW with channels in blocks. */
  blocked(dims: readonly number[], type: NativeType, block: ChannelBlock): RawDesc;
  permute(desc: MemoryDesc, axes: readonly number[]): RawDesc;
  /** The same layout for elements of another type. */
  withType(desc: MemoryDesc, type: NativeType): RawDesc;
  describe(raw: RawDesc): Layout;
  bytes(raw: RawDesc): number;
  /** A key that is equal for equal descriptors, for layouts that `describe` cannot tell apart. */
  fingerprint(raw: RawDesc): string;
  release(raw: RawDesc): void;
  createMemory(desc: MemoryDesc): bigint;
  /** A copy of the descriptor of one argument of a primitive descriptor; null where it has no such argument. */
  argument(primitiveDesc: bigint, argument: number): RawDesc | null;
  appendPostOp(postOps: bigint, postOp: PostOp): void;
  /** A primitive descriptor, to be destroyed by the caller. Throws StatusError; `unimplemented` is one of them. */
  primitiveDesc(operation: Operation, attributes: bigint, hint: bigint): bigint;
}
