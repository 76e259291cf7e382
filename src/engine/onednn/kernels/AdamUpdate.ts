import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { AdamUpdate, type AdamUpdateAttrs } from '../../ops/AdamUpdate.js';
import { type OneDnnBackend, type Output, smallSize } from '../backend.js';
import type { PostOp } from '../ffi/abi.js';
import { ARG, type BinaryKind } from '../ffi/enums.js';
import type { MemoryDesc } from '../ffi/memoryDesc.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  parameter: TensorInfo;
  m: TensorInfo;
  v: TensorInfo;
  gradient: TensorInfo;
}

/** The step in f32 like all optimizer state: on the host for a few numbers, else as four native passes. */
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

function natively(backend: OneDnnBackend, inputs: Inputs, attrs: AdamUpdateAttrs): TensorInfo[] {
  const { learningRate, beta1, beta2, epsilon } = attrs;
  const { descriptors } = backend;
  const { shape } = inputs.parameter;
  const vector = descriptors.dense([util.sizeFromShape(shape)], 'f32');
  const one = descriptors.dense([1], 'f32');
  const plain = descriptors.dense(shape, 'f32');
  const [parameter, m, v, gradient] = [inputs.parameter, inputs.m, inputs.v, inputs.gradient].map((tensor) =>
    backend.input(tensor, plain),
  );
  const output = (): Output => backend.output(shape, 'float32', plain);
  const [newParameter, newM, newV] = [output(), output(), output()];

  // m′ = β1·m + (1 − β1)·g
  const mean = backend.primitive(
    `adamMean|${beta1}|${vector.id}`,
    [ARG.multipleSrc, ARG.multipleSrc + 1, ARG.dst],
    () => ({ kind: 'sum', scales: [beta1, 1 - beta1], srcs: [vector, vector], dst: vector }),
  );
  backend.execute(mean, [m, gradient, newM.pointer]);

  // v′ = β2·(v + g²·(1 − β2)/β2), or (1 − β2)·g² without a past.
  runChain(backend, vector, 'mul', [gradient, gradient], newV.pointer, [
    [{ kind: 'eltwise', function: 'linear', alpha: beta2 === 0 ? 1 : (1 - beta2) / beta2 }],
    [{ kind: 'binary', operation: 'add', src1: vector }, v],
    [{ kind: 'eltwise', function: 'linear', alpha: beta2 }],
  ]);

  // parameter′ = parameter − rate·m′/(√v′ + ε); the rate is an argument, as it changes at every step.
  const denominator = backend.allocate(vector.bytes);
  const rate = backend.fromHost(Float32Array.of(-learningRate), [1], 'float32');
  try {
    const root = backend.primitive(
      `adamRoot|${epsilon}|${vector.id}`,
      [ARG.src, ARG.dst],
      () => ({ kind: 'eltwise', function: 'sqrt', alpha: 0, beta: 0, src: vector }),
      [{ kind: 'eltwise', function: 'linear', alpha: 1, beta: epsilon }],
    );
    backend.execute(root, [newV.pointer, denominator.pointer]);
    runChain(backend, vector, 'div', [newM.pointer, denominator.pointer], newParameter.pointer, [
      [{ kind: 'binary', operation: 'mul', src1: one }, backend.input(rate, one)],
      [{ kind: 'binary', operation: 'add', src1: vector }, parameter],
    ]);
  } finally {
    backend.disposeData(rate.dataId);
    backend.pool.release(denominator);
  }
  return [newParameter.info, newM.info, newV.info];
}

/** A binary operation on vectors and what follows it: each post-operation, with its operand's address if it has one. */
function runChain(
  backend: OneDnnBackend,
  vector: MemoryDesc,
  operation: BinaryKind,
  sources: readonly [bigint, bigint],
  dst: bigint,
  chain: readonly (readonly [PostOp, bigint?])[],
): void {
  const { postOpBase } = backend.native.abi;
  const operands = chain.flatMap(([, pointer], index) =>
    pointer === undefined ? [] : [{ arg: (postOpBase * (index + 1)) | ARG.src1, pointer }],
  );
  const text = chain.map(([postOp]) =>
    JSON.stringify(postOp, (key, value: unknown) => (key === 'src1' ? '' : value)),
  );
  const primitive = backend.primitive(
    `adamChain|${operation}|${vector.id}|${text.join()}`,
    [ARG.src, ARG.src1, ARG.dst, ...operands.map(({ arg }) => arg)],
    () => ({ kind: 'binary', operation, src0: vector, src1: vector, dst: vector }),
    chain.map(([postOp]) => postOp),
  );
  backend.execute(primitive, [...sources, dst, ...operands.map(({ pointer }) => pointer)]);
}
