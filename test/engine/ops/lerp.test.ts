import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { lerp } from '../../helpers/updateOne.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';

describe.each(['cpu', 'wasm'] as const)('lerp on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([0, 0.05, 0.5, 0.999, 1])('t = %d', (t) => {
    const before = tf.memory().numTensors;
    const [a, b] = [normals(105, 1), normals(105, 2)];
    const inputs = [tf.tensor(a, [3, 5, 7]), tf.tensor(b, [3, 5, 7])];
    const y = lerp(inputs[0], inputs[1], t);
    expect(y.shape).toEqual([3, 5, 7]);
    const expected = a.map((value, i) => (1 - t) * value + t * b[i]);
    expectClose('lerp', y.dataSync(), expected, t === 0 || t === 1 ? 0 : 1e-6);
    tf.dispose([inputs, y]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
