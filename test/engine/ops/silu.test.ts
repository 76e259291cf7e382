import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { silu } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { checkOp } from '../../helpers/gradients.js';

describe.each(['cpu', 'wasm'] as const)('silu on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([[[]], [[7]], [[2, 5, 3, 7]]])('shape %j: value and gradient', (shape) => {
    checkOp({
      label: 'silu',
      shapes: [shape],
      op: (x) => silu(x),
      naive: (x) => x.map((value) => value / (1 + Math.exp(-value))),
    });
  });

  it('far from zero, and at NaN', () => {
    const x = tf.tensor1d([90, -90, 0, NaN]);
    const y = silu(x);
    const [plus, minus, ...rest] = y.dataSync();
    expect([plus, ...rest]).toEqual([90, 0, NaN]);
    expect(Math.abs(minus)).toBeLessThan(1e-30);
    tf.dispose([x, y]);
  });
});
