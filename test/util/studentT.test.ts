import { expect, it } from 'vitest';
import { incompleteBeta, logGamma } from '../../src/util/incompleteBeta.js';
import { studentAbove, studentQuantile } from '../../src/util/studentT.js';

// Expected values: SciPy 1.17.
it.each([
  [0.5, 0.5, 0.3, 0.36901011956554536],
  [2, 3, 0.7, 0.9163],
  [100, 0.5, 0.98, 0.04468549636263327],
  [5000, 5001, 0.5, 0.5039893230696917],
  [1, 1, 0.25, 0.25],
])('the incomplete beta function of %f, %f at %f', (a, b, x, expected) => {
  expect(incompleteBeta(a, b, x)).toBeCloseTo(expected, 10);
});

it('the incomplete beta function at its ends', () => {
  expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
});

it('ln Γ of factorials and of a half', () => {
  expect(logGamma(1)).toBeCloseTo(0, 13);
  expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  expect(logGamma(0.1)).toBeCloseTo(2.252712651734206, 12);
});

it.each([
  [0.5, 1, 0.35241638234956674],
  [2, 4, 0.05805826175840778],
  [-1.3, 9, 0.8870468136634754],
  [3.5, 2.7, 0.023262802460970664],
  [2.32, 199, 0.010677417825963317],
  [10, 3, 0.0010641995292070751],
])('t above %f with %f degrees of freedom', (t, degrees, expected) => {
  expect(studentAbove(t, degrees)).toBeCloseTo(expected, 11);
});

it.each([
  [0.025, 4, 2.7764451051977943],
  [0.025, 9, 2.2621571627982053],
  [0.01, 199, 2.3452322311210207],
  [0.005, 2.5, 7.163728138948786],
])('the t that is above with probability %f, %f degrees of freedom', (probability, degrees, expected) => {
  expect(studentQuantile(probability, degrees)).toBeCloseTo(expected, 9);
});
