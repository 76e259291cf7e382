import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Lerp, type LerpAttrs } from '../../ops/Lerp.js';
import { type OneDnnBackend, smallSize } from '../backend.js';
import { chain, inPieces, withScalar, withScalars, withVector } from '../elementwise/chain.js';
import { nativeKernel } from '../kernel.js';

interface Inputs {
  a: TensorInfo;
  b: TensorInfo;
}

/** (1 − t)·a + t·b in f32: on the host for a few numbers, else in one pass. */
export const lerp = nativeKernel<Inputs, LerpAttrs>(Lerp, ({ a, b }, { t }, backend) => {
  if (util.sizeFromShape(a.shape) <= smallSize) return onHost(backend, a, b, t);
  // From the nearer end, so that t = 0 gives a itself and t = 1 gives b.
  return t <= 0.5 ? natively(backend, a, b, t) : natively(backend, b, a, 1 - t);
});

function onHost(backend: OneDnnBackend, a: TensorInfo, b: TensorInfo, t: number): TensorInfo {
  const [from, to] = [a, b].map((tensor) => backend.values(tensor) as Float32Array);
  const values = from.map((value, i) => (1 - t) * value + t * to[i]);
  return backend.fromHost(values, a.shape, 'float32');
}

/** near + share·(far − near) */
function natively(backend: OneDnnBackend, near: TensorInfo, far: TensorInfo, share: number): TensorInfo {
  const plain = backend.descriptors.dense(near.shape, 'f32');
  const [from, to] = [backend.input(near, plain), backend.input(far, plain)];
  const y = backend.output(near.shape, 'float32', plain);
  withScalars(backend, [share], ([factor]) => {
    inPieces(backend, util.sizeFromShape(near.shape), (vector, at) => {
      const start = withVector('sub', at(from));
      chain(
        backend,
        vector,
        at(to),
        [start, withScalar('mul', factor), withVector('add', at(from))],
        at(y.pointer),
      );
    });
  });
  return y.info;
}
