import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { SgdUpdate, type SgdUpdateAttrs } from '../../ops/SgdUpdate.js';
import { type OneDnnBackend, smallSize } from '../backend.js';
import { chain, inPieces, type Link, withScalar, withScalars, withVector } from '../elementwise/chain.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  parameter: TensorInfo;
  momentum: TensorInfo;
  gradient: TensorInfo;
}

/** The step in f32 like all optimizer state: on the host for a few numbers, else natively, in two passes over pieces. */
export const sgdUpdate = nativeKernel<Inputs, SgdUpdateAttrs>(SgdUpdate, (inputs, attrs, backend) =>
  util.sizeFromShape(inputs.parameter.shape) <= smallSize
    ? onHost(backend, inputs, attrs)
    : natively(backend, inputs, attrs),
);

function onHost(backend: OneDnnBackend, inputs: Inputs, attrs: SgdUpdateAttrs): TensorInfo[] {
  const { learningRate, momentum, weightDecay, nesterov } = attrs;
  const [parameter, buffer, gradient] = [inputs.parameter, inputs.momentum, inputs.gradient].map(
    (tensor) => backend.values(tensor) as Float32Array,
  );
  const [newParameter, newBuffer] = [0, 1].map(() => new Float32Array(parameter.length));
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i] + weightDecay * parameter[i];
    const b = momentum * buffer[i] + g;
    newBuffer[i] = b;
    newParameter[i] = parameter[i] - learningRate * (nesterov ? g + momentum * b : b);
  }
  const { shape } = inputs.parameter;
  return [newParameter, newBuffer].map((values) => backend.fromHost(values, shape, 'float32'));
}

function natively(backend: OneDnnBackend, inputs: Inputs, attrs: SgdUpdateAttrs): TensorInfo[] {
  const { learningRate, momentum, weightDecay, nesterov } = attrs;
  const { shape } = inputs.parameter;
  const plain = backend.descriptors.dense(shape, 'f32');
  const outputs = [0, 1].map(() => backend.output(shape, 'float32', plain));
  const [newParameter, newBuffer] = outputs.map(({ pointer }) => pointer);
  const [parameter, buffer, gradient] = [inputs.parameter, inputs.momentum, inputs.gradient].map((tensor) =>
    backend.input(tensor, plain),
  );
  const hasMomentum = momentum !== 0;
  const numbers = [hasMomentum ? weightDecay / momentum : weightDecay, momentum, -learningRate];
  withScalars(backend, numbers, ([decay, keep, rate]) => {
    inPieces(backend, util.sizeFromShape(shape), (vector, at) => {
      const [p, g, nextB] = [parameter, gradient, newBuffer].map(at);
      // μ·b + g + λ·p as (p·λ/μ + b)·μ + g, since a chain cannot scale its operands.
      const decayed = withScalar('mul', decay);
      const kept = (b: bigint): Link[] =>
        hasMomentum ? [withVector('add', b), withScalar('mul', keep)] : [];
      chain(backend, vector, p, [decayed, ...kept(at(buffer)), withVector('add', g)], nextB);
      const step = [withScalar('mul', rate), withVector('add', p)] as const;
      if (nesterov && hasMomentum) {
        chain(backend, vector, p, [decayed, ...kept(nextB), withVector('add', g), ...step], at(newParameter));
      } else {
        chain(backend, vector, nextB, step, at(newParameter));
      }
    });
  });
  return outputs.map(({ info }) => info);
}
