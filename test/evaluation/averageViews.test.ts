import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { EVALUATION_BATCH } from '../../src/evaluation/atOnce.js';
import { openEngine } from '../../src/runs/openEngine.js';
import { softmaxRows } from '../../src/evaluation/metrics.js';
import { averageViews } from '../../src/evaluation/averageViews.js';
import { expectClose, normals } from '../helpers/compare.js';
import { testImages } from '../helpers/data.js';

/** More than one batch. */
const COUNT = EVALUATION_BATCH + 20;
const set = testImages(COUNT);
let model: LayersModel;

beforeAll(async () => {
  await openEngine({ backend: 'wasm', precision: 'auto', threads: 0 });
  // Sees where in the image something is, so that each view gets another answer.
  model = sequential({
    layers: [
      layers.averagePooling2d({ inputShape: [32, 32, 3], poolSize: 4 }),
      layers.flatten(),
      layers.dense({ units: 10, useBias: false, name: 'dense' }),
    ],
  });
  model.getLayer('dense').setWeights([tf.tensor2d(normals(192 * 10, 1), [192, 10])]);
});
afterAll(() => void model.dispose());

/** The views' logits by tf's own operations: of the images padded by 1, the crop at (row, column), mirrored or not. */
function viewed(row: number, column: number, flip: boolean): Float32Array {
  return tf.tidy(() => {
    const scaled = Float32Array.from(set.images, (value) => value / 255);
    const images = tf.tensor4d(scaled, [COUNT, 32, 32, 3]);
    const noPadding: [number, number] = [0, 0];
    const padded = tf.mirrorPad(images, [noPadding, [1, 1], [1, 1], noPadding], 'reflect');
    const crop = tf.slice(padded, [0, row, column, 0], [COUNT, 32, 32, 3]);
    return (model.predict(flip ? tf.reverse(crop, 2) : crop) as tf.Tensor).dataSync<'float32'>();
  });
}

function mean(...weighted: [weight: number, logits: Float32Array][]): number[] {
  return Array.from({ length: COUNT * 10 }, (_, i) =>
    weighted.reduce((sum, [weight, logits]) => sum + weight * logits[i], 0),
  );
}

const multicrop = () =>
  mean(
    [0.25, viewed(1, 1, false)],
    [0.25, viewed(1, 1, true)],
    [0.125, viewed(0, 0, false)],
    [0.125, viewed(0, 0, true)],
    [0.125, viewed(2, 2, false)],
    [0.125, viewed(2, 2, true)],
  );

describe('the mean of views', () => {
  it('is the plain answer where there is one view', async () => {
    const { plain, logits, forwards } = await averageViews(model, set, { preset: 'none' });
    expect(logits).toEqual(plain);
    expectClose('plain', plain, viewed(1, 1, false), 1e-5);
    expect(forwards).toBe(1);
  });

  it('is that of the image and its mirror image', async () => {
    const { plain, logits, forwards } = await averageViews(model, set, { preset: 'flip' });
    expectClose('plain', plain, viewed(1, 1, false), 1e-5);
    expectClose('flip', logits, mean([0.5, viewed(1, 1, false)], [0.5, viewed(1, 1, true)]), 1e-5);
    expect(forwards).toBe(2);
  });

  it('is that of crops of the padded image', async () => {
    const before = tf.memory().numTensors;
    const { logits, forwards } = await averageViews(model, set, { preset: 'multicrop' });
    expect(tf.memory().numTensors).toBe(before);
    expectClose('multicrop', logits, multicrop(), 1e-5);
    expect(forwards).toBe(6);
  });

  it('of a quarter of the images changes the least sure only', async () => {
    const { plain, logits, forwards } = await averageViews(model, set, { preset: 'multicrop', share: 0.25 });
    // The plain view is computed once: five more for a quarter of the images.
    expect(forwards).toBe(1 + 5 / 4);
    const probabilities = softmaxRows(plain, 10);
    const sureness = Array.from({ length: COUNT }, (_, n) =>
      Math.max(...probabilities.subarray(n * 10, n * 10 + 10)),
    );
    const limitOfSureness = [...sureness].sort((a, b) => a - b)[COUNT / 4];
    const expected = multicrop().map((value, i) =>
      sureness[Math.floor(i / 10)] < limitOfSureness ? value : plain[i],
    );
    expectClose('logits', logits, expected, 1e-5);
    sureness.forEach((sure, n) => {
      if (sure < limitOfSureness) return;
      expect(logits.subarray(n * 10, n * 10 + 10)).toEqual(plain.subarray(n * 10, n * 10 + 10));
    });
  });

  it('takes no larger a tensor than the backend does', async () => {
    const whole = await averageViews(model, set, { preset: 'flip' });
    const backend = tf.backend() as unknown as { mostTensorBytes?: number };
    // The largest that a layer makes of an image: 192 values.
    backend.mostTensorBytes = 70 * 192 * 4;
    const apply = vi.spyOn(model, 'apply');
    onTestFinished(() => {
      delete backend.mostTensorBytes;
      apply.mockRestore();
    });
    const { logits } = await averageViews(model, set, { preset: 'flip' });
    expect(logits).toEqual(whole.logits);
    const sizes = apply.mock.calls.map(([images]) => (images as tf.Tensor).shape[0]);
    expect(Math.max(...sizes)).toBe(70);
    expect(sizes).toHaveLength(2 * Math.ceil(COUNT / 70));
    apply.mockClear();
    await averageViews(model, set, { preset: 'none', atOnce: 50 });
    expect(apply).toHaveBeenCalledTimes(Math.ceil(COUNT / 50));
  });

  it('of too small a share is the plain answer', async () => {
    const { plain, logits, forwards } = await averageViews(model, set, { preset: 'flip', share: 1e-4 });
    expect(logits).toEqual(plain);
    expect(forwards).toBe(1);
  });

  it('stops when asked to', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(averageViews(model, set, { preset: 'flip', signal })).rejects.toThrow('stopped');
  });
});
