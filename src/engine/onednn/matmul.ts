import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from './backend.js';
import type { PostOp } from './ffi/abi.js';
import { ARG, type NativeType } from './ffi/enums.js';
import type { MemoryDesc } from './ffi/memoryDesc.js';
import type { Primitive } from './ffi/primitive.js';

export interface MatMul {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: TensorInfo | null;
  readonly postOps: readonly PostOp[];
  readonly postOpsKey: string;
  /** Type of the result. */
  readonly type: NativeType;
}

/** The layouts of a product's operands and of its result. */
export interface ProductDescs {
  readonly src: MemoryDesc;
  readonly weights: MemoryDesc;
  readonly bias: MemoryDesc | null;
  readonly dst: MemoryDesc;
}

/** The primitive of src · weights (+ bias), which takes them in this order, and the result. @param postOpsKey names the post-operations */
export function product(
  backend: OneDnnBackend,
  { src, weights, bias, dst }: ProductDescs,
  postOps: readonly PostOp[] = [],
  postOpsKey = '',
): Primitive {
  return backend.primitive(
    `matmul|${src.id}|${weights.id}|${bias?.id ?? ''}|${dst.id}|${postOpsKey}`,
    [ARG.src, ARG.weights, ...(bias === null ? [] : [ARG.bias]), ARG.dst],
    () => ({ kind: 'matmul', src, weights, bias, dst }),
    postOps,
  );
}

/**
 * a [..., M, K] · b [..., K, N] (+ bias [N]) → [..., M, N], batches of equal size. Transposed operands are read
 * where they are, under exchanged strides.
 * @returns null for empty matrices, batches or inner lengths that differ, and other types than float32
 */
export function multiply(backend: OneDnnBackend, call: MatMul): TensorInfo | null {
  const { a, b, transposeA, transposeB, bias } = call;
  const { descriptors, computeType } = backend;
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const batchShape = a.shape.slice(0, -2);
  const batch = util.sizeFromShape(batchShape);
  if (util.sizeFromShape(b.shape.slice(0, -2)) !== batch) return null;
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [innerOfB, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== innerOfB || batch * m * k * n === 0) return null;

  const lead = batch === 1 ? [] : [batch];
  const order = (isTransposed: boolean): number[] | undefined => {
    if (!isTransposed) return undefined;
    return batch === 1 ? [1, 0] : [0, 2, 1];
  };
  const src = descriptors.dense([...lead, m, k], computeType, order(transposeA));
  const weights = descriptors.dense([...lead, k, n], computeType, order(transposeB));
  const biasDesc = bias === null ? null : descriptors.dense([...lead.map(() => 1), 1, n], 'f32');
  const dst = descriptors.dense([...lead, m, n], call.type);
  const primitive = product(backend, { src, weights, bias: biasDesc, dst }, call.postOps, call.postOpsKey);
  const aPointer = backend.input(a, descriptors.dense([...lead, aRows, aColumns], computeType));
  const bPointer = backend.input(b, descriptors.dense([...lead, bRows, bColumns], computeType));
  const y = backend.output([...batchShape, m, n], 'float32', dst);
  const biasPointers =
    bias === null ? [] : [backend.input(bias, descriptors.dense(biasDesc?.dims ?? [], 'f32'))];
  backend.execute(primitive, [aPointer, bPointer, ...biasPointers, y.pointer]);
  return y.info;
}
