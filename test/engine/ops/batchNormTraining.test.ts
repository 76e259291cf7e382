import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTraining } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';
import { checkOp } from '../../helpers/gradients.js';

const EPSILON = 1e-3;

function statistics(x: Float64Array, channels: number) {
  const count = x.length / channels;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  x.forEach((value, i) => (mean[i % channels] += value / count));
  x.forEach((value, i) => (variance[i % channels] += (value - mean[i % channels]) ** 2 / count));
  return { mean, variance };
}

function naive(x: Float64Array, scale: Float64Array, offset: Float64Array): Float64Array {
  const channels = scale.length;
  const { mean, variance } = statistics(x, channels);
  return x.map((value, i) => {
    const c = i % channels;
    return ((value - mean[c]) / Math.sqrt(variance[c] + EPSILON)) * scale[c] + offset[c];
  });
}

describe.each(['cpu', 'wasm'] as const)('batchNormTraining on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([
    { name: 'rank 2', shape: [7, 3] },
    { name: 'rank 4, odd 3×5', shape: [2, 3, 5, 4] },
    { name: 'one channel', shape: [3, 2, 2, 1] },
    { name: 'one image', shape: [1, 4, 3, 9] },
    { name: 'two values a channel', shape: [2, 1, 1, 5] },
  ])('$name: value and gradients', ({ name, shape }) => {
    const channels = shape[shape.length - 1];
    const op = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
      tf.tidy(() => batchNormTraining(x, scale as tf.Tensor1D, offset as tf.Tensor1D, EPSILON).y);
    checkOp({ label: name, shapes: [shape, [channels], [channels]], op, naive, tolerance: 2e-5 });
  });

  it('gives mean and biased variance, to full precision over half a million values', () => {
    const [n, h, w, channels] = [32, 32, 32, 4];
    const values = normals(n * h * w * channels, 5).map((value) => value + 3);
    const x = tf.tensor4d(values, [n, h, w, channels]);
    const ones = tf.ones<tf.Rank.R1>([channels]);
    const { y, mean, variance } = batchNormTraining(x, ones, ones, EPSILON);
    const expected = statistics(Float64Array.from(values), channels);
    expectClose('mean', mean.dataSync(), expected.mean, 1e-6);
    expectClose('variance', variance.dataSync(), expected.variance, 2e-6);
    tf.dispose([x, ones, y, mean, variance]);
  });

  it('refuses parameters that do not fit the channels', () => {
    const x = tf.ones([2, 3, 3, 4]);
    const scale = tf.ones<tf.Rank.R1>([3]);
    expect(() => batchNormTraining(x, scale, scale, EPSILON)).toThrow(
      'BatchNormTraining: expected scale of shape [4], one value a channel of x [2, 3, 3, 4], got [3].',
    );
    const vector = tf.ones([3]);
    expect(() => batchNormTraining(vector, scale, scale, EPSILON)).toThrow('expected x of shape');
    tf.dispose([x, scale, vector]);
  });
});
