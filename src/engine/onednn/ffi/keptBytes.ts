import type { Operation } from './abi.js';

const kibibyte = 1024;

/**
 * Generated code by kind: the most that its creation added to a process's memory in oneDNN 2.6.3 while `bench` and
 * `deep` were compiled in bf16 and f32 (means are less than half of it); kinds that these do not use are taken as their
 * likes. The library does not report it.
 */
const codeBytes: Readonly<Record<Operation['kind'], number>> = {
  convolution: 44 * kibibyte,
  convolutionBackwardData: 36 * kibibyte,
  convolutionBackwardWeights: 56 * kibibyte,
  matmul: 64 * kibibyte,
  pooling: 24 * kibibyte,
  poolingBackward: 24 * kibibyte,
  batchNorm: 12 * kibibyte,
  batchNormBackward: 20 * kibibyte,
  eltwise: 20 * kibibyte,
  eltwiseBackward: 20 * kibibyte,
  binary: 36 * kibibyte,
  reduction: 64 * kibibyte,
  softmax: 20 * kibibyte,
  reorder: 48 * kibibyte,
};

/** An argument's memory object and descriptors, measured likewise. */
const argumentBytes = 6 * kibibyte;

/** Bytes that a primitive of `kind` with so many arguments keeps, estimated from above. */
export function keptBytes(kind: Operation['kind'], argumentCount: number): number {
  return codeBytes[kind] + argumentCount * argumentBytes;
}
