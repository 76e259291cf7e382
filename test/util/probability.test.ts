import { expect, it } from 'vitest';
import { probability } from '../../src/util/probability.js';

it.each([
  [0.01234, 'p = 0.0123'],
  [0.00009, 'p < 0.0001'],
  [1, 'p = 1.0000'],
])('%f is %s', (p, text) => {
  expect(probability(p)).toBe(text);
});
