/** Constants of dnnl_types.h that 2.x and 3.x share. Those that differ are in abi2.ts and abi3.ts. */
export const dataTypeCodes = { bf16: 2, f32: 3, s32: 4, u8: 6 } as const;
export type NativeType = keyof typeof dataTypeCodes;
export const bytesPerElement: Readonly<Record<NativeType, number>> = { bf16: 2, f32: 4, s32: 4, u8: 1 };

export const FLOAT_BYTES = bytesPerElement.f32;

export const propKinds = { training: 64, inference: 96, backward: 128, backwardData: 160 } as const;

export const convolutionDirect = 1;
export const poolingCodes = { max: 0x1ff, average: 0x3ff } as const;
export type PoolingKind = keyof typeof poolingCodes;

export const binaryCodes = {
  add: 0x1fff0,
  mul: 0x1fff1,
  max: 0x1fff2,
  min: 0x1fff3,
  div: 0x1fff4,
  sub: 0x1fff5,
  ge: 0x1fff6,
} as const;
export type BinaryKind = keyof typeof binaryCodes;

export const reductionCodes = { max: 196594, min: 196595, sum: 196596, mean: 196598 } as const;
export type ReductionKind = keyof typeof reductionCodes;

export const softmaxCodes = { softmax: 0x30000, logSoftmax: 0x30001 } as const;
export type SoftmaxKind = keyof typeof softmaxCodes;

/** Element-wise functions used here; `reluUseDst` takes the gradient from the function's output. */
export type EltwiseKind =
  | 'relu'
  | 'reluUseDst'
  | 'linear'
  | 'sqrt'
  | 'exp'
  | 'log'
  | 'abs'
  | 'square'
  | 'tanh'
  | 'logistic'
  | 'elu'
  | 'gelu'
  | 'swish'
  | 'softplus'
  | 'clip';

export const queries = { implementation: 8, scratchpad: 136, argument: 255 } as const;

export const tagAny = 1;

/** Arguments of primitives. */
export const ARG = {
  src: 1,
  src1: 2,
  dst: 17,
  weights: 33,
  bias: 41,
  mean: 49,
  variance: 50,
  scale: 51,
  shift: 52,
  workspace: 64,
  scratchpad: 80,
  diffSrc: 129,
  diffDst: 145,
  diffWeights: 161,
  diffBias: 169,
  diffScale: 255,
  diffShift: 256,
} as const;
