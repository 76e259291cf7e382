import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { AdamUpdate, type AdamUpdateAttrs } from '../../ops/AdamUpdate.js';
import { type OneDnnBackend, smallSize } from '../backend.js';
import { ARG, type BinaryKind } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  parameter: TensorInfo;
  m: TensorInfo;
  v: TensorInfo;
  gradient: TensorInfo;
}

/** The step in f32 like all optimizer state: on the host for a few numbers, else natively, in five passes over pieces. */
export const adamUpdate = nativeKernel<Inputs, AdamUpdateAttrs>(AdamUpdate, (inputs, attrs, backend) =>
  util.sizeFromShape(inputs.parameter.shape) <= smallSize
    ? onHost(backend, inputs, attrs)
    : natively(backend, inputs, attrs),
);

function onHost(backend: OneDnnBackend, inputs: Inputs, attrs: AdamUpdateAttrs): TensorInfo[] {
  const { learningRate, beta1, beta2, epsilon } = attrs;
  const [parameter, m, v, gradient] = [inputs.parameter, inputs.m, inputs.v, inputs.gradient].map(
    (tensor) => backend.values(tensor) as Float32Array,
  );
  const [newParameter, newM, newV] = [0, 1, 2].map(() => new Float32Array(parameter.length));
  for (let i = 0; i < parameter.length; i++) {
    newM[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
    newV[i] = beta2 * v[i] + (1 - beta2) * gradient[i] * gradient[i];
    newParameter[i] = parameter[i] - (learningRate * newM[i]) / (Math.sqrt(newV[i]) + epsilon);
  }
  const { shape } = inputs.parameter;
  return [newParameter, newM, newV].map((values) => backend.fromHost(values, shape, 'float32'));
}

/** Elements at a time, so that what one pass writes is in the cache for the next. */
const chunkSize = 2 ** 18;

function natively(backend: OneDnnBackend, inputs: Inputs, attrs: AdamUpdateAttrs): TensorInfo[] {
  const { shape } = inputs.parameter;
  const size = util.sizeFromShape(shape);
  const plain = backend.descriptors.dense(shape, 'f32');
  const scalar = backend.descriptors.dense([1], 'f32');
  const kept = (value: number): bigint => backend.input(backend.constant(value, 1), scalar);
  // The rate changes at every step.
  const rate = backend.fromHost(Float32Array.of(-attrs.learningRate), [1], 'float32');
  const outputs = [0, 1, 2].map(() => backend.output(shape, 'float32', plain));
  const [newParameter, newM, newV] = outputs.map(({ pointer }) => pointer);
  const [parameter, m, v, gradient] = [inputs.parameter, inputs.m, inputs.v, inputs.gradient].map((tensor) =>
    backend.input(tensor, plain),
  );
  const denominator = backend.allocate(Math.min(size, chunkSize) * Float32Array.BYTES_PER_ELEMENT);
  try {
    for (let start = 0; start < size; start += chunkSize) {
      const vector = backend.descriptors.dense([Math.min(chunkSize, size - start)], 'f32');
      const at = (pointer: bigint): bigint => pointer + BigInt(start * Float32Array.BYTES_PER_ELEMENT);
      const [g, nextM, nextV] = [gradient, newM, newV].map(at);
      decayed(backend, vector, kept, attrs.beta1, at(m), g, null, nextM);
      decayed(backend, vector, kept, attrs.beta2, at(v), g, g, nextV);
      const root = backend.primitive(`adamRoot|${vector.id}`, [ARG.src, ARG.dst], () => ({
        kind: 'eltwise',
        function: 'sqrt',
        alpha: 0,
        beta: 0,
        src: vector,
      }));
      backend.execute(root, [nextV, denominator.pointer]);
      const sum: Operand = { operation: 'add', src1: scalar, pointer: kept(attrs.epsilon) };
      chain(backend, vector, denominator.pointer, sum, denominator.pointer, []);
      const quotient: Operand = { operation: 'div', src1: vector, pointer: denominator.pointer };
      chain(backend, vector, nextM, quotient, at(newParameter), [
        { operation: 'mul', src1: scalar, pointer: backend.input(rate, scalar) },
        { operation: 'add', src1: vector, pointer: at(parameter) },
      ]);
    }
  } finally {
    backend.disposeData(rate.dataId);
    backend.pool.release(denominator);
  }
  return outputs.map(({ info }) => info);
}

/** past·β + (1 − β)·gradient·factor, as β·(past + gradient·factor·(1 − β)/β); a factor of null is 1. */
function decayed(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  kept: (value: number) => bigint,
  beta: number,
  past: bigint,
  gradient: bigint,
  factor: bigint | null,
  dst: bigint,
): void {
  const src1 = backend.descriptors.dense([1], 'f32');
  const scale: Operand = { operation: 'mul', src1, pointer: kept(beta === 0 ? 1 : (1 - beta) / beta) };
  const rest: Operand[] =
    beta === 0
      ? []
      : [
          { operation: 'add', src1: vector, pointer: past },
          { operation: 'mul', src1, pointer: kept(beta) },
        ];
  if (factor === null) chain(backend, vector, gradient, scale, dst, rest);
  else
    chain(backend, vector, gradient, { operation: 'mul', src1: vector, pointer: factor }, dst, [
      scale,
      ...rest,
    ]);
}

interface Operand {
  readonly operation: BinaryKind;
  readonly src1: MemoryDesc;
  readonly pointer: bigint;
}

/** src ∘ first ∘ rest…, in one pass. */
function chain(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  src: bigint,
  first: Operand,
  dst: bigint,
  rest: readonly Operand[],
): void {
  const { postOpBase } = backend.native.abi;
  const text = [first, ...rest].map(({ operation, src1 }) => `${operation} ${src1.id}`);
  const primitive = backend.primitive(
    `chain|${vector.id}|${text.join('|')}`,
    [ARG.src, ARG.src1, ARG.dst, ...rest.map((_, index) => (postOpBase * (index + 1)) | ARG.src1)],
    () => ({ kind: 'binary', operation: first.operation, src0: vector, src1: first.src1, dst: vector }),
    rest.map(({ operation, src1 }) => ({ kind: 'binary', operation, src1 })),
  );
  backend.execute(primitive, [src, first.pointer, dst, ...rest.map(({ pointer }) => pointer)]);
}
