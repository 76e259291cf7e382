import { describe, expect, it } from 'vitest';
import { calibration } from '../../src/evaluation/calibration.js';
import { accuracyOf, lossAndAccuracy, softmaxRows } from '../../src/evaluation/metrics.js';
import { atTemperature, fitTemperature, logitsOf } from '../../src/evaluation/temperature.js';
import { Rng } from '../../src/util/rng.js';

/** Logits, and labels drawn by the probabilities that they have at a temperature. */
function drawn(count: number, temperature: number): { logits: Float32Array; labels: Uint8Array } {
  const rng = new Rng(5, count);
  const logits = Float32Array.from({ length: count * 10 }, () => 2 * rng.normal());
  const probabilities = softmaxRows(atTemperature(logits, temperature), 10);
  const labels = Uint8Array.from({ length: count }, (_, row) => {
    let left = rng.next();
    let c = 0;
    while (c < 9 && (left -= probabilities[row * 10 + c]) > 0) c++;
    return c;
  });
  return { logits, labels };
}

describe('fitTemperature', () => {
  it.each([0.3, 1, 2.5])('finds %d again', (temperature) => {
    const { logits, labels } = drawn(20_000, temperature);
    const found = fitTemperature(logits, labels);
    expect(Math.abs(Math.log(found / temperature))).toBeLessThan(0.03);
    // No other is likelier.
    const loss = (t: number): number => lossAndAccuracy(atTemperature(logits, t), labels).loss;
    expect(loss(found)).toBeLessThan(Math.min(loss(found * 1.02), loss(found / 1.02)));
    expect(accuracyOf(atTemperature(logits, found), labels)).toBe(accuracyOf(logits, labels));
    const { expectedError } = calibration(atTemperature(logits, found), labels);
    expect(expectedError).toBeLessThan(0.015);
  });

  it.each([
    ['no images', new Float32Array(), new Uint8Array(), 1],
    ['answers that are all alike', new Float32Array(20), Uint8Array.of(1, 2), 1],
    ['a few images, all right', Float32Array.of(0.9, 0, 0, 0.9), Uint8Array.of(0, 1), 0.1],
    ['a few images, all wrong', Float32Array.of(9, 0, 0, 9), Uint8Array.of(1, 0), 10],
    ['logits beyond all exponents', Float32Array.of(3e38, -3e38, 0, 3e38), Uint8Array.of(0, 1), 1],
  ])('stays within its bounds with %s', (_name, logits, labels, expected) => {
    expect(fitTemperature(logits, labels)).toBeCloseTo(expected, 4);
  });
});

it('logitsOf gives probabilities back', () => {
  const probabilities = Float32Array.of(0.7, 0.3, 0, 1);
  const back = softmaxRows(logitsOf(probabilities), 2);
  back.forEach((value, i) => expect(value).toBeCloseTo(probabilities[i], 6));
});

describe('calibration', () => {
  it('of confidence .9 with accuracy .5 is off by .4', () => {
    const logits = logitsOf([0.9, 0.1, 0.9, 0.1]);
    const { expectedError, bins, brier, loss } = calibration(logits, Uint8Array.of(0, 1));
    expect(expectedError).toBeCloseTo(0.4, 6);
    expect(bins[13].count).toBe(2);
    expect(bins[13].accuracy).toBe(0.5);
    expect(bins[0].count).toBe(0);
    expect(brier).toBeCloseTo((0.02 + 1.62) / 2, 5);
    expect(loss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.1)) / 2, 5);
  });

  it('has bins of equally many images, too, and an interval around what it measures', () => {
    const { logits, labels } = drawn(3000, 2);
    const { expectedError, interval, equalMassError, bins } = calibration(logits, labels);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(3000);
    expect(expectedError).toBeGreaterThan(0.1);
    expect(Math.abs(equalMassError - expectedError)).toBeLessThan(0.02);
    expect(interval[0]).toBeLessThan(expectedError);
    expect(interval[1]).toBeGreaterThan(expectedError);
    expect(interval[1] - interval[0]).toBeLessThan(0.05);
    expect(calibration(logits, labels).interval).toEqual(interval);
  });
});
