import { expect, it } from 'vitest';
import { rescalings } from '../../../src/nn/optimizers/rescaling.js';

const stepsOf = (total: number, every: readonly number[]): number[] =>
  rescalings(total, every).flatMap((isDue, step) => (isDue ? [step] : []));

it('at every update', () => {
  expect(stepsOf(5, [1, 1])).toEqual([0, 1, 2, 3, 4]);
});

it('at every third', () => {
  expect(stepsOf(10, [3, 3])).toEqual([3, 6, 9]);
});

it('ever more rarely', () => {
  const steps = stepsOf(284, [2, 17]);
  const gaps = steps.map((step, i) => step - (steps[i - 1] ?? 0));
  // 2 + ⌊15·step/284⌋ at the time of each.
  expect(steps.slice(0, 12)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 21, 24, 27]);
  expect(gaps.every((gap, i) => gap === 2 + Math.floor((15 * steps[i]) / 284))).toBe(true);
  expect(gaps.at(-1)).toBe(16);
});
