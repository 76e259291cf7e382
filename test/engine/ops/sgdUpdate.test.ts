import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { sgdUpdate } from '../../helpers/updateOne.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';

describe.each(['cpu', 'wasm'] as const)('sgdUpdate on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  describe.each([true, false])('nesterov %s', (nesterov) => {
    it.each([[[]], [[7]], [[3, 3, 2, 5]]])('shape %j, three steps', (shape) => {
      const before = tf.memory().numTensors;
      const attrs = { learningRate: 0.1, momentum: 0.85, weightDecay: 0.0153, nesterov };
      const size = tf.util.sizeFromShape(shape);
      let state = [normals(size, 1), new Float32Array(size)].map((v) => tf.tensor(v, shape));
      const [p, b] = state.map((tensor) => Float64Array.from(tensor.dataSync()));
      for (let step = 0; step < 3; step++) {
        const gradient = tf.tensor(normals(size, 2, step), shape);
        const next = sgdUpdate(state[0], state[1], gradient, attrs);
        gradient.dataSync().forEach((value, i) => {
          const g = value + attrs.weightDecay * p[i];
          b[i] = attrs.momentum * b[i] + g;
          p[i] -= attrs.learningRate * (nesterov ? g + attrs.momentum * b[i] : b[i]);
        });
        tf.dispose([...state, gradient]);
        state = next;
      }
      expectClose('parameter', state[0].dataSync(), p, 1e-6);
      expectClose('buffer', state[1].dataSync(), b, 1e-6);
      tf.dispose(state);
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});
