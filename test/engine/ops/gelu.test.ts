import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gelu } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { checkOp } from '../../helpers/gradients.js';
import { normalShareBelow } from '../../helpers/naive.js';

describe.each(['cpu', 'wasm'] as const)('gelu on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([[[]], [[7]], [[2, 5, 3, 7]]])('shape %j: value and gradient', (shape) => {
    checkOp({
      label: 'gelu',
      shapes: [shape],
      op: (x) => gelu(x),
      naive: (x) => x.map((value) => value * normalShareBelow(value)),
    });
  });

  it('far from zero, and where the input is not finite', () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([9, -9, 0, NaN, Infinity, -Infinity]);
    const y = gelu(x);
    const [plus, minus, ...rest] = y.dataSync();
    expect(plus).toBe(9);
    // The error function of tfjs errs by up to 1.5e-7.
    expect(Math.abs(minus)).toBeLessThanOrEqual(9 * 1.5e-7);
    expect(rest).toEqual([0, NaN, Infinity, NaN]);
    tf.dispose([x, y]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
