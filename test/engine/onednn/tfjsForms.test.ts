import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { exactValues } from './reference.js';
import { activate, describeOneDnn } from './setup.js';

/** What tfjs allows and oneDNN has no primitive for must come out as on tfjs's CPU backend. */
describeOneDnn('forms that tfjs allows', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32', 1);
  });

  const usedBlocks = (): number => backend.pool.statistics().usedBlocks;

  it('complex numbers, through kernels and back', () => {
    const before = [usedBlocks(), tf.memory().numTensors];
    tf.tidy(() => {
      const a = tf.complex([1, 2, 3], [4, 5, 6]);
      expect(Array.from(a.dataSync())).toEqual([1, 4, 2, 5, 3, 6]);
      expect(Array.from(tf.mul(a, a).dataSync())).toEqual([-15, 8, -21, 20, -27, 36]);
      expect(Array.from(tf.imag(tf.reshape(a, [3, 1])).dataSync())).toEqual([4, 5, 6]);
      expect(tf.real(a).dtype).toBe('float32');
      expect(tf.cast(tf.tensor1d([7]), 'complex64').dataSync()).toEqual(Float32Array.from([7, 0]));
    });
    expect([usedBlocks(), tf.memory().numTensors]).toEqual(before);
  });

  it('kernels whose inputs are lists, or lists beside tensors', () => {
    tf.tidy(() => {
      const parts = tf.concat([tf.tensor1d([1, 2]), tf.tensor1d([3])]);
      expect(Array.from(parts.dataSync())).toEqual([1, 2, 3]);
      const { outputDenseValues } = tf.raggedGather(
        [tf.tensor1d([0, 1, 3], 'int32')],
        tf.tensor1d([10, 20, 30]),
        tf.tensor1d([1], 'int32'),
        1,
      );
      expect(Array.from(outputDenseValues.dataSync())).toEqual([20, 30]);
    });
  });

  it('products of whole numbers stay whole; inner lengths that differ are refused', () => {
    tf.tidy(() => {
      const a = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
      const product = tf.matMul(a, a);
      expect(product.dtype).toBe('int32');
      expect(Array.from(product.dataSync())).toEqual([7, 10, 15, 22]);
      const [b, c] = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([2, 4])];
      for (const [x, y, transposeA, transposeB] of [
        [b, c, false, false],
        [tf.transpose(b), c, true, true],
      ] as const) {
        expect(() => tf.matMul(x, y, transposeA, transposeB)).toThrow(/inner shapes/);
        expect(() => tf.fused.matMul({ a: x, b: y, transposeA, transposeB })).toThrow(/inner shapes/);
      }
    });
  });

  it('pooling windows that lie in the padding', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
      const largest = tf.maxPool(
        x,
        [2, 2],
        [2, 2],
        [
          [0, 0],
          [2, 0],
          [2, 0],
          [0, 0],
        ],
      );
      expect(largest.shape).toEqual([1, 2, 2, 1]);
      expect(largest.dataSync()[3]).toBe(4);
      const mean = tf.avgPool(
        x,
        [2, 2],
        [2, 2],
        [
          [0, 0],
          [2, 0],
          [2, 0],
          [0, 0],
        ],
      );
      expect(mean.dataSync()[3]).toBe(2.5);
    });
  });

  it('transposed convolutions of more rows than the result calls for', () => {
    const [rows, filter] = [exactValues([1, 6, 6, 2], 1), exactValues([3, 3, 2, 2], 2)];
    tf.tidy(() => {
      const w = tf.tensor4d(filter, [3, 3, 2, 2]);
      const full = tf.conv2dTranspose(tf.tensor4d(rows, [1, 6, 6, 2]), w, [1, 6, 6, 2], 1, 'same');
      const part = tf.conv2dTranspose(tf.tensor4d(rows, [1, 6, 6, 2]), w, [1, 4, 4, 2], 1, 'same');
      expect(part.shape).toEqual([1, 4, 4, 2]);
      // The first row depends on the first two of the gradient alone.
      expect(part.dataSync()[0]).toBeCloseTo(full.dataSync()[0], 5);
    });
  });

  it('softmax: a NaN makes its row NaN, and no other', () => {
    for (const rows of [2, 2000]) {
      const shape: [number, number] = [rows, 3];
      const x = exactValues(shape, 3);
      x[1] = NaN;
      const run = (): Float32Array => tf.tidy(() => tf.softmax(tf.tensor2d(x, shape)).dataSync<'float32'>());
      // The first time leaves constants.
      run();
      const before = usedBlocks();
      const y = run();
      expect(Array.from(y.subarray(0, 3))).toEqual([NaN, NaN, NaN]);
      expect(y[3] + y[4] + y[5]).toBeCloseTo(1, 5);
      expect(usedBlocks()).toBe(before);
    }
    backend.statistics.reset();
  });

  it('batch normalisation without scale and offset leaks no data', () => {
    const count = backend.numDataIds();
    tf.tidy(() => {
      const statistics = tf.ones<tf.Rank.R1>([7]);
      tf.batchNorm(tf.ones([2, 3, 3, 7]), statistics, statistics).dataSync();
    });
    expect(backend.numDataIds()).toBe(count);
  });

  it('works again after tfjs’s engine was reset', async () => {
    tf.engine().reset();
    await tf.setBackend('onednn');
    expect(tf.backend()).not.toBe(backend);
    backend = tf.backend() as unknown as OneDnnBackend;
    const product = tf.tidy(() => tf.matMul(tf.ones([3, 4]), tf.ones([4, 5])).dataSync());
    expect(Array.from(product)).toEqual(new Array(15).fill(4));
  });
});
