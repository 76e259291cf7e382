import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { reluGrad } from '../../../src/engine/ops/ReluGrad.js';
import { selectBackend } from '../../../src/engine/select.js';

describe.each(['cpu', 'wasm'] as const)('reluGrad on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it('passes dy where y is positive, and nothing else, not even NaN', () => {
    const before = tf.memory().numTensors;
    const dy = tf.tensor1d([1, 2, 3, NaN, Infinity, NaN, -5]);
    const y = tf.tensor1d([1, 0, -1, 0, 0, 2, 1e-30]);
    const dx = reluGrad(dy, y);
    expect(Array.from(dx.dataSync())).toEqual([1, 0, 0, 0, 0, NaN, -5]);
    tf.dispose([dy, y, dx]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
