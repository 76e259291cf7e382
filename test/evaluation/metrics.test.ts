import { describe, expect, it } from 'vitest';
import {
  argMaxRows,
  classScores,
  confusionMatrix,
  lossAndAccuracy,
  softmaxRows,
} from '../../src/evaluation/metrics.js';

const logits = Float32Array.of(1, 2, 0, 1000, 0, -1000, 0, 0, 0);
const labels = Uint8Array.of(1, 0, 2);

describe('metrics', () => {
  it('take the first of equal largest values', () => {
    expect([...argMaxRows(logits, 3)]).toEqual([1, 0, 0]);
  });

  it('give cross-entropy without overflow', () => {
    const { loss, accuracy } = lossAndAccuracy(logits, labels);
    const first = Math.log(Math.exp(1) + Math.exp(2) + 1) - 2;
    expect(loss).toBeCloseTo((first + 0 + Math.log(3)) / 3, 6);
    expect(accuracy).toBeCloseTo(2 / 3, 12);
  });

  it('give probabilities that sum to 1', () => {
    const probabilities = softmaxRows(logits, 3);
    for (let row = 0; row < 3; row++) {
      expect(probabilities.subarray(row * 3, row * 3 + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    }
    expect(probabilities[3]).toBe(1);
  });

  it('count confusions and score classes', () => {
    const confusion = confusionMatrix(Uint8Array.of(0, 0, 1, 1), Uint8Array.of(0, 1, 1, 1), 3);
    expect(confusion).toEqual([
      [1, 0, 0],
      [1, 2, 0],
      [0, 0, 0],
    ]);
    const [a, b, c] = classScores(confusion);
    expect(a).toEqual({ precision: 0.5, recall: 1, f1: 2 / 3, support: 1 });
    expect(b.precision).toBe(1);
    expect(b.recall).toBeCloseTo(2 / 3, 12);
    expect(c.support).toBe(0);
    expect(c.precision).toBeNaN();
  });
});
