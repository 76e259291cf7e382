import { expect, it } from 'vitest';
import { mean, median, sampleDeviation } from '../../src/util/statistics.js';

it('mean, deviation of a sample and median are the textbook ones', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  expect(mean(values)).toBe(5);
  expect(sampleDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(median(values)).toBe(4.5);
  expect(median([9, 1, 10])).toBe(9);
  expect(values[0]).toBe(2);
});
