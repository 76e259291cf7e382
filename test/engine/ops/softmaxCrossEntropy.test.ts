import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose } from '../../helpers/compare.js';
import { checkOp } from '../../helpers/gradients.js';

function softmax(logits: Float64Array, classes: number): Float64Array {
  return logits.map((_, i) => {
    const row = logits.subarray(i - (i % classes), i - (i % classes) + classes);
    const largest = Math.max(...row);
    return Math.exp(logits[i] - largest) / row.reduce((sum, z) => sum + Math.exp(z - largest), 0);
  });
}

describe.each(['cpu', 'wasm'] as const)('softmaxCrossEntropy on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([
    { name: 'one-hot labels', rows: 5, classes: 10, smoothing: 0 },
    { name: 'smoothed', rows: 3, classes: 7, smoothing: 0.1 },
    { name: 'one row, two classes', rows: 1, classes: 2, smoothing: 0.5 },
  ])('$name', ({ name, rows, classes, smoothing }) => {
    const labels = tf.tensor2d(
      Array.from({ length: rows * classes }, (_, i) =>
        i % classes === (3 * Math.floor(i / classes)) % classes ? 1 : 0,
      ),
      [rows, classes],
    );
    const y = Float64Array.from(labels.dataSync(), (v) => (1 - smoothing) * v + smoothing / classes);
    checkOp({
      label: name,
      shapes: [[rows, classes]],
      op: (logits) => tf.tidy(() => softmaxCrossEntropy(logits as tf.Tensor2D, labels, smoothing).losses),
      naive: (logits) => {
        const losses = new Float64Array(rows);
        softmax(logits, classes).forEach((p, i) => (losses[Math.floor(i / classes)] -= y[i] * Math.log(p)));
        return losses;
      },
    });
    labels.dispose();
  });

  it('gives the probabilities, and stays finite at logits of ±1000', () => {
    const values = [1000, 0, -1000, 0.5, 0.25, -3];
    const logits = tf.tensor2d(values, [2, 3]);
    const labels = tf.tensor2d([0, 0, 1, 1, 0, 0], [2, 3]);
    const { losses, probabilities } = softmaxCrossEntropy(logits, labels);
    expectClose('probabilities', probabilities.dataSync(), softmax(Float64Array.from(values), 3), 1e-6);
    expectClose('losses', losses.dataSync(), [2000, 0.5895], 1e-4);
    tf.dispose([logits, labels, losses, probabilities]);
  });

  it('refuses shapes that differ and smoothing out of range', () => {
    const a = tf.ones<tf.Rank.R2>([2, 3]);
    const b = tf.ones<tf.Rank.R2>([3, 2]);
    expect(() => softmaxCrossEntropy(a, b)).toThrow('of one shape [N, C], got [2, 3] and [3, 2]');
    expect(() => softmaxCrossEntropy(a, a, 1)).toThrow('expected label smoothing in [0, 1), got 1');
    tf.dispose([a, b]);
  });
});
