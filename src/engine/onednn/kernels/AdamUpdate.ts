import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { AdamUpdate, type AdamUpdateAttrs } from '../../ops/AdamUpdate.js';
import { type OneDnnBackend, smallSize } from '../backend.js';
import { chain, inPieces, type Link, withScalar, withScalars, withVector } from '../elementwise/chain.js';
import { ARG } from '../ffi/enums.js';
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

function natively(backend: OneDnnBackend, inputs: Inputs, attrs: AdamUpdateAttrs): TensorInfo[] {
  const { learningRate, beta1, beta2, epsilon } = attrs;
  const { shape } = inputs.parameter;
  const plain = backend.descriptors.dense(shape, 'f32');
  const outputs = [0, 1, 2].map(() => backend.output(shape, 'float32', plain));
  const [newParameter, newM, newV] = outputs.map(({ pointer }) => pointer);
  const [parameter, m, v, gradient] = [inputs.parameter, inputs.m, inputs.v, inputs.gradient].map((tensor) =>
    backend.input(tensor, plain),
  );
  const numbers = [-learningRate, epsilon, beta1, shareOfNew(beta1), beta2, shareOfNew(beta2)];
  withScalars(backend, numbers, ([rate, addend, decay1, share1, decay2, share2]) => {
    inPieces(backend, util.sizeFromShape(shape), (vector, at) => {
      const [g, nextM, nextV, next] = [gradient, newM, newV, newParameter].map(at);
      const scale1 = withScalar('mul', share1);
      chain(backend, vector, g, [scale1, ...decayed(beta1, at(m), decay1)], nextM);
      const scale2 = withScalar('mul', share2);
      chain(backend, vector, g, [withVector('mul', g), scale2, ...decayed(beta2, at(v), decay2)], nextV);
      const root = backend.primitive(`adamRoot|${vector.id}`, [ARG.src, ARG.dst], () => ({
        kind: 'eltwise',
        function: 'sqrt',
        alpha: 0,
        beta: 0,
        src: vector,
      }));
      // The denominator's place until it has been used.
      backend.execute(root, [nextV, next]);
      chain(backend, vector, next, [withScalar('add', addend)], next);
      const change: [Link, Link] = [withVector('div', next), withScalar('mul', rate)];
      chain(backend, vector, nextM, [...change, withVector('add', at(parameter))], next);
    });
  });
  return outputs.map(({ info }) => info);
}

// past·β + (1 − β)·new as β·(past + new·(1 − β)/β), since a chain cannot scale its operands.

const shareOfNew = (beta: number): number => (beta === 0 ? 1 : (1 - beta) / beta);

const decayed = (beta: number, past: bigint, decay: bigint): Link[] =>
  beta === 0 ? [] : [withVector('add', past), withScalar('mul', decay)];
