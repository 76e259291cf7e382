import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamUpdate } from '../../helpers/updateOne.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';

describe.each(['cpu', 'wasm'] as const)('adamUpdate on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([[[]], [[7]], [[3, 3, 2, 5]]])('shape %j, three steps', (shape) => {
    const before = tf.memory().numTensors;
    const attrs = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    const size = tf.util.sizeFromShape(shape);
    let state = [normals(size, 1), new Float32Array(size), new Float32Array(size)].map((v) =>
      tf.tensor(v, shape),
    );
    const [p, m, v] = state.map((tensor) => Float64Array.from(tensor.dataSync()));
    for (let step = 0; step < 3; step++) {
      const gradient = tf.tensor(normals(size, 2, step), shape);
      const next = adamUpdate(state[0], state[1], state[2], gradient, attrs);
      gradient.dataSync().forEach((g, i) => {
        m[i] = attrs.beta1 * m[i] + (1 - attrs.beta1) * g;
        v[i] = attrs.beta2 * v[i] + (1 - attrs.beta2) * g * g;
        p[i] -= (attrs.learningRate * m[i]) / (Math.sqrt(v[i]) + attrs.epsilon);
      });
      tf.dispose([...state, gradient]);
      state = next;
    }
    expectClose('parameter', state[0].dataSync(), p, 1e-6);
    expectClose('m', state[1].dataSync(), m, 1e-6);
    expectClose('v', state[2].dataSync(), v, 1e-6);
    tf.dispose(state);
    expect(tf.memory().numTensors).toBe(before);
  });
});
