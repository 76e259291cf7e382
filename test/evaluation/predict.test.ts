import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchSource } from '../../src/dataset/batches/index.js';
import { EVALUATION_BATCH } from '../../src/evaluation/atOnce.js';
import { openEngine } from '../../src/runs/openEngine.js';
import { naturalOrder } from '../../src/dataset/imageSet.js';
import { predictPass } from '../../src/evaluation/predict.js';

/** Batches of given sizes of images of one pixel and two channels: (i, −i). */
function sourceOf(sizes: readonly number[]): BatchSource {
  let first = 0;
  const batches = sizes.map((size) => {
    const images = Float32Array.from(
      { length: 2 * size },
      (_, i) => (first + (i >> 1)) * (i % 2 === 0 ? 1 : -1),
    );
    first += size;
    return {
      images,
      imageShape: [1, 1, 2] as const,
      labels: new Uint8Array(size),
      indices: new Uint32Array(size),
      release: () => undefined,
    };
  });
  return {
    async *batches() {
      for (const batch of batches) yield await Promise.resolve(batch);
    },
    close: () => Promise.resolve(),
  };
}

/** Gives back its input, and notes how many images it gets. */
function echo(counts: number[]): LayersModel {
  return {
    inputs: [{ shape: [null, 2] }],
    outputs: [{ shape: [null, 2] }],
    apply(images: tf.Tensor) {
      counts.push(images.shape[0]);
      return images.clone();
    },
  } as unknown as LayersModel;
}

beforeAll(() => openEngine({ backend: 'cpu', precision: 'auto', threads: 0 }));

describe('a pass', () => {
  it('computes at most EVALUATION_BATCH images at once, in their order', async () => {
    const sizes = [2 * EVALUATION_BATCH + 3, EVALUATION_BATCH, 2];
    const total = 3 * EVALUATION_BATCH + 5;
    const counts: number[] = [];
    const tensors = tf.memory().numTensors;
    const output = await predictPass(echo(counts), sourceOf(sizes), 0, naturalOrder(total));
    expect(counts).toEqual([EVALUATION_BATCH, EVALUATION_BATCH, 3, EVALUATION_BATCH, 2]);
    for (let i = 0; i < total; i++)
      expect([output[2 * i], output[2 * i + 1]]).toEqual([i, i === 0 ? -0 : -i]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('stops between slices', async () => {
    const stop = new AbortController();
    const counts: number[] = [];
    const model = echo(counts);
    const apply = model.apply.bind(model);
    model.apply = (images) => {
      stop.abort(new Error('stopped'));
      return apply(images);
    };
    const size = 2 * EVALUATION_BATCH;
    await expect(predictPass(model, sourceOf([size]), 0, naturalOrder(size), stop.signal)).rejects.toThrow(
      'stopped',
    );
    expect(counts).toEqual([EVALUATION_BATCH]);
  });
});
