import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { freshLossScale, noteUpdate, unscaled } from '../../src/training/lossScale.js';

beforeAll(() => selectBackend('wasm'));

describe('the factor of the loss', () => {
  it('is halved by an overflow, and doubled after 2,000 updates without one, up to 2^24', () => {
    const scale = freshLossScale();
    expect(noteUpdate(scale, false)).toBe(true);
    expect(scale).toEqual({ factor: 2 ** 15, updates: 0, skipped: 1 });
    for (let i = 0; i < 1999; i++) noteUpdate(scale, true);
    expect(scale).toEqual({ factor: 2 ** 15, updates: 1999, skipped: 1 });
    noteUpdate(scale, true);
    expect(scale).toEqual({ factor: 2 ** 16, updates: 0, skipped: 1 });
    for (let i = 0; i < 30_000; i++) noteUpdate(scale, true);
    expect(scale.factor).toBe(2 ** 24);
  });

  it('that is 1 already is not to blame: training has diverged', () => {
    const scale = freshLossScale();
    const answers = Array.from({ length: 17 }, () => noteUpdate(scale, false));
    expect(answers.filter((isRight) => isRight)).toHaveLength(16);
    expect(answers.at(-1)).toBe(false);
  });
});

describe('gradients', () => {
  it('are divided by the factor, and stay null where none was wanted', async () => {
    const before = tf.memory().numTensors;
    const gradients = [tf.tensor1d([2 ** 16, -(2 ** 17)]), null, tf.scalar(3 * 2 ** 16)];
    const divided = await unscaled(gradients, freshLossScale());
    expect(divided?.map((gradient) => gradient && [...gradient.dataSync()])).toEqual([[1, -2], null, [3]]);
    for (const gradient of [...gradients, ...(divided ?? [])]) gradient?.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([NaN, Infinity, -Infinity])('of which one is %d are of no use', async (stray) => {
    const before = tf.memory().numTensors;
    const gradients = [tf.tensor1d([1, 2]), tf.tensor2d([[0, stray]])];
    expect(await unscaled(gradients, freshLossScale())).toBeUndefined();
    tf.dispose(gradients);
    expect(tf.memory().numTensors).toBe(before);
  });
});
