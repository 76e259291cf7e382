import { expect, it } from 'vitest';
import { smallest } from '../../src/util/smallest.js';

it.each([
  [0, []],
  [1, [1]],
  [2, [1, 3]],
  [3, [0, 1, 3]],
  [5, [0, 1, 2, 3, 4]],
  [9, [0, 1, 2, 3, 4]],
])('the %i smallest, of equals the first, in the order they stand in', (count, places) => {
  expect([...smallest(Float32Array.of(2, -1, 2, 0, 7), count)]).toEqual(places);
});
