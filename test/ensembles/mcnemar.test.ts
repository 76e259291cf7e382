import { expect, it } from 'vitest';
import { mcnemar } from '../../src/ensembles/mcnemar.js';

/** Answers of two classifiers of which one alone is right on so many images, and the other on as many as told. */
function pair(onlyFirst: number, onlySecond: number, both = 5, neither = 3) {
  const rows = [
    ...Array<[number, number]>(onlyFirst).fill([1, 0]),
    ...Array<[number, number]>(onlySecond).fill([0, 1]),
    ...Array<[number, number]>(both).fill([1, 1]),
    ...Array<[number, number]>(neither).fill([0, 2]),
  ];
  return mcnemar(
    rows.map(([a]) => a),
    rows.map(([, b]) => b),
    rows.map(() => 1),
  );
}

// Expected values: SciPy 1.17, binomtest.
it.each([
  [30, 70, 7.85013964559367e-5],
  [70, 30, 7.85013964559367e-5],
  [3, 4, 1],
  [412, 488, 0.01237669158570712],
])('%i against %i', (onlyFirst, onlySecond, p) => {
  const result = pair(onlyFirst, onlySecond);
  expect([result.onlyFirst, result.onlySecond]).toEqual([onlyFirst, onlySecond]);
  expect(result.p).toBeCloseTo(p, 11);
});

it('two that answer alike, or are wrong alike, are not told apart', () => {
  expect(pair(0, 0)).toEqual({ onlyFirst: 0, onlySecond: 0, p: 1 });
});
