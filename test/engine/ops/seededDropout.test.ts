import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropoutMask } from '../../../src/engine/ops/dropoutMask.js';
import { seededDropout } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';

const share = (mask: Uint8Array) => mask.reduce((sum, bit) => sum + bit, 0) / mask.length;

describe('dropoutMask', () => {
  it.each([0, 0.1, 0.25, 0.5, 0.9])('keeps the share it should at rate %d', (rate) => {
    const size = 1 << 20;
    const deviation = Math.sqrt((rate * (1 - rate)) / size);
    for (let counter = 0; counter < 4; counter++) {
      const mask = dropoutMask(size, { rate, seed: 3, counter });
      expect(Math.abs(share(mask) - (1 - rate))).toBeLessThanOrEqual(4 * deviation);
    }
  });

  it('has no trace of the order, nor of neighbouring seeds and counters', () => {
    const size = 1 << 18;
    const half = (seed: number, counter: number) => dropoutMask(size, { rate: 0.5, seed, counter });
    const agreement = (a: Uint8Array, b: Uint8Array, lag: number) => {
      let same = 0;
      for (let i = lag; i < size; i++) same += a[i] === b[i - lag] ? 1 : 0;
      return same / (size - lag);
    };
    const limit = 5 * Math.sqrt(0.25 / size);
    const mask = half(1, 1);
    for (const lag of [1, 2, 3, 4, 8, 16, 64, 1024, 65536]) {
      expect(Math.abs(agreement(mask, mask, lag) - 0.5), `lag ${lag}`).toBeLessThan(limit);
    }
    for (const other of [half(1, 2), half(2, 1), half(0, 1), half(1, 0)]) {
      for (const lag of [0, 1, 2, 3]) {
        expect(Math.abs(agreement(mask, other, lag) - 0.5), `lag ${lag}`).toBeLessThan(limit);
      }
    }
  });

  it('depends on all 32 bits of seed and counter', () => {
    const base = dropoutMask(64, { rate: 0.5, seed: 5, counter: 9 });
    for (let bit = 0; bit < 32; bit++) {
      const flip = 2 ** bit;
      expect(dropoutMask(64, { rate: 0.5, seed: 5 ^ flip, counter: 9 })).not.toEqual(base);
      expect(dropoutMask(64, { rate: 0.5, seed: 5, counter: 9 ^ flip })).not.toEqual(base);
    }
  });
});

describe.each(['cpu', 'wasm'] as const)('seededDropout on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([
    { rate: 0.25, shape: [3, 5, 7, 3] },
    { rate: 0.5, shape: [11] },
    { rate: 0, shape: [2, 3] },
    { rate: 0.3, shape: [1, 1] },
  ])('rate $rate: value and gradient are the mask over the share kept', ({ rate, shape }) => {
    const before = tf.memory().numTensors;
    const values = normals(tf.util.sizeFromShape(shape), 1);
    const x = tf.tensor(values, shape);
    const mask = dropoutMask(x.size, { rate, seed: 7, counter: 8 });
    const dy = tf.tensor(normals(x.size, 2), shape);
    const y = seededDropout(x, rate, 7, 8);
    const dx = tf.grad((input) => seededDropout(input, rate, 7, 8))(x, dy);
    const masked = (v: Float32Array) => Float64Array.from(v, (value, i) => (value * mask[i]) / (1 - rate));
    expectClose('value', y.dataSync(), masked(values), 1e-6);
    expectClose('gradient', dx.dataSync(), masked(dy.dataSync<'float32'>()), 1e-6);
    tf.dispose([x, dy, y, dx]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('draws the same mask for the same seed and counter, another for others', () => {
    const x = tf.ones([500]);
    const draw = (seed: number, counter: number) => {
      const y = seededDropout(x, 0.5, seed, counter);
      const values = Array.from(y.dataSync());
      y.dispose();
      return values;
    };
    expect(draw(1, 2)).toEqual(draw(1, 2));
    expect(draw(1, 3)).not.toEqual(draw(1, 2));
    expect(draw(2, 2)).not.toEqual(draw(1, 2));
    x.dispose();
  });

  it.each([1, -0.1, NaN])('refuses the rate %d', (rate) => {
    const x = tf.ones([2]);
    expect(() => seededDropout(x, rate, 1, 1)).toThrow(
      `SeededDropout: expected a rate in [0, 1), got ${rate}.`,
    );
    x.dispose();
  });
});
