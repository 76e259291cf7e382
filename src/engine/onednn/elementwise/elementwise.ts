import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from '../backend.js';
import type { PostOp } from '../ffi/abi.js';
import { ARG, type BinaryKind, type EltwiseKind, type NativeType } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';

/**
 * Element-wise primitives do not care where an element lies, as long as all operands agree. So operands of one
 * layout without gaps are handed over as vectors: one primitive a size, and always the library's fast path.
 */
export function flat({ descriptors }: OneDnnBackend, desc: MemoryDesc): MemoryDesc {
  return desc.isDense ? descriptors.dense([util.sizeFromShape([...desc.dims])], desc.type) : desc;
}

/** A layout, or where it has gaps row-major order. */
export const withoutGaps = ({ descriptors }: OneDnnBackend, desc: MemoryDesc): MemoryDesc =>
  desc.isDense ? desc : descriptors.dense(desc.dims, desc.type);

/** The layout to process tensors of one shape in: that of the first which is not in row-major order, if any. */
export function commonLayout(backend: OneDnnBackend, tensors: readonly TensorInfo[]): MemoryDesc {
  const { shape } = tensors[0];
  for (const tensor of tensors) {
    const { native } = backend.storage(tensor);
    if (native !== null && !native.desc.isRowMajor) return backend.layout(tensor);
  }
  return backend.descriptors.dense(shape, 'f32');
}

/** The type that a tensor is held in. */
export function typeOf(backend: OneDnnBackend, tensor: TensorInfo): NativeType {
  return backend.storage(tensor).native?.desc.type ?? 'f32';
}

/** bf16 where all operands are, else f32. */
export function commonType(backend: OneDnnBackend, tensors: readonly TensorInfo[]): NativeType {
  return tensors.every((tensor) => typeOf(backend, tensor) === 'bf16') ? 'bf16' : 'f32';
}

/** Functions that are 0 at 0, so that padding stays zeros. */
const KEEPING_ZERO: ReadonlySet<EltwiseKind> = new Set([
  ...(['relu', 'sqrt', 'abs', 'square', 'tanh', 'elu', 'gelu', 'swish'] as const),
]);

/** function(x), in x's type, and in its layout unless that has padding which would not stay zeros: the library is slow there. */
export function unary(
  backend: OneDnnBackend,
  kind: EltwiseKind,
  x: TensorInfo,
  alpha = 0,
  beta = 0,
): TensorInfo {
  const present = backend.layout(x);
  const keepsZero = KEEPING_ZERO.has(kind) || (kind === 'linear' && beta === 0);
  const desc = keepsZero ? present : withoutGaps(backend, present);
  const vector = flat(backend, desc);
  const key = `eltwise|${kind}|${alpha}|${beta}|${vector.id}`;
  const primitive = backend.primitive(key, [ARG.src, ARG.dst], () => ({
    kind: 'eltwise',
    function: kind,
    alpha,
    beta,
    src: vector,
  }));
  const y = backend.output(x.shape, x.dtype, desc);
  backend.execute(primitive, [backend.input(x, desc), y.pointer]);
  return y.info;
}

/**
 * dy·function′, in the layout and type of `known`: the function's input, or its output where the derivative is known by
 * that.
 */
export function unaryGradient(
  backend: OneDnnBackend,
  kind: EltwiseKind,
  dy: TensorInfo,
  known: TensorInfo,
  role: 'src' | 'dst',
  alpha = 0,
): TensorInfo {
  const desc = backend.layout(known);
  const data = flat(backend, desc);
  const primitive = backend.primitive(
    `eltwiseGrad|${kind}|${alpha}|${data.id}`,
    [ARG[role], ARG.diffDst, ARG.diffSrc],
    () => ({ kind: 'eltwiseBackward', function: kind, alpha, data }),
    [],
    () => ({ kind: 'eltwise', function: kind, alpha, beta: 0, src: data }),
  );
  const dx = backend.output(known.shape, 'float32', desc);
  backend.execute(primitive, [backend.input(known, desc), backend.input(dy, desc), dx.pointer]);
  return dx.info;
}

/** a ∘ b on tensors of one shape, in the type given; post-operations must not need arguments. */
export function binarySameShape(
  backend: OneDnnBackend,
  operation: BinaryKind,
  a: TensorInfo,
  b: TensorInfo,
  type: NativeType,
  postOps: readonly PostOp[] = [],
  postOpsKey = '',
): TensorInfo {
  const { descriptors } = backend;
  const layout = descriptors.withType(commonLayout(backend, [a, b]), type);
  // An operand is taken in the type it is in if it has the layout: the primitive converts on the way. Not so a shorter first one, for which
  // the library has nothing but its reference loops, a hundred times as slow.
  const descOf = (tensor: TensorInfo): MemoryDesc => {
    const desc = backend.layout(tensor);
    return descriptors.withType(desc, type) === layout ? desc : layout;
  };
  const [aDesc, bDesc] = [type === 'f32' ? layout : descOf(a), descOf(b)];
  const [src0, src1, dst] = [aDesc, bDesc, layout].map((desc) => flat(backend, desc));
  const primitive = backend.primitive(
    `binary|${operation}|${src0.id}|${src1.id}|${dst.id}|${postOpsKey}`,
    [ARG.src, ARG.src1, ARG.dst],
    () => ({ kind: 'binary', operation, src0, src1, dst }),
    postOps,
  );
  const y = backend.output(a.shape, 'float32', layout);
  backend.execute(primitive, [backend.input(a, aDesc), backend.input(b, bDesc), y.pointer]);
  return y.info;
}

/**
 * a ∘ b where b is one value, in a's type and, if that has no gaps, its layout; or where b has the last axes of a (row-major), in f32.
 * @returns null when b's shape is neither
 */
export function binaryBroadcast(
  backend: OneDnnBackend,
  operation: BinaryKind,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo | null {
  const columns = util.sizeFromShape(b.shape);
  const core = b.shape.slice(b.shape.findIndex((length) => length !== 1));
  const isTail = core.every((length, axis) => length === a.shape[a.shape.length - core.length + axis]);
  if (b.shape.length > a.shape.length || (columns !== 1 && !isTail)) return null;
  if (columns === 1) return binaryScalar(backend, operation, a, b);
  const rows = util.sizeFromShape(a.shape) / columns;
  return binaryRows(backend, operation, a, b, repetitions(rows, columns));
}

function binaryScalar(
  backend: OneDnnBackend,
  operation: BinaryKind,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo {
  const { descriptors } = backend;
  // As a vector: the library takes fifty times as long for a column of a matrix, or for a layout with gaps.
  const desc = withoutGaps(backend, backend.layout(a));
  const src0 = flat(backend, desc);
  const src1 = descriptors.dense([1], 'f32');
  const primitive = backend.primitive(`scalar|${operation}|${src0.id}`, [ARG.src, ARG.src1, ARG.dst], () => ({
    kind: 'binary',
    operation,
    src0,
    src1,
    dst: src0,
  }));
  const y = backend.output(a.shape, 'float32', desc);
  backend.execute(primitive, [backend.input(a, desc), backend.input(b, src1), y.pointer]);
  return y.info;
}

/** From this many columns on the library is fast with a row that repeats; with three it takes twenty times as long. */
const fastColumns = 256;

/** How often to write a short row out for the library to be fast: a divisor of the number of rows. */
function repetitions(rows: number, columns: number): number {
  if (columns >= fastColumns) return 1;
  for (let count = Math.floor((16 * fastColumns) / columns); count > 1; count--) {
    if (rows % count === 0) return count;
  }
  return 1;
}

/** @param times rows that are taken as one, b written out for each */
function binaryRows(
  backend: OneDnnBackend,
  operation: BinaryKind,
  a: TensorInfo,
  b: TensorInfo,
  times: number,
): TensorInfo {
  const { descriptors } = backend;
  const size = util.sizeFromShape(a.shape);
  const columns = util.sizeFromShape(b.shape) * times;
  const src0 = descriptors.dense([size / columns, columns], 'f32');
  const src1 = descriptors.dense([1, columns], 'f32');
  const key = `broadcast|${operation}|${src0.id}|${src1.id}`;
  const primitive = backend.primitive(key, [ARG.src, ARG.src1, ARG.dst], () => ({
    kind: 'binary',
    operation,
    src0,
    src1,
    dst: src0,
  }));
  const y = backend.output(a.shape, 'float32', src0);
  const row = times === 1 ? b : repeated(backend, b, times);
  backend.execute(primitive, [backend.input(a, src0), backend.input(row, src1), y.pointer]);
  if (row !== b) backend.disposeData(row.dataId);
  return y.info;
}

function repeated(backend: OneDnnBackend, row: TensorInfo, times: number): TensorInfo {
  const values = backend.values(row) as Float32Array;
  const all = new Float32Array(values.length * times);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return backend.fromHost(all, [all.length], 'float32');
}
