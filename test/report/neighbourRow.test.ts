import { expect, it } from 'vitest';
import { neighbourRow } from '../../src/report/neighbourRow.js';

it('the nearest training images of a test image are four numbers of 16 bits', () => {
  const numbers = [1, 2, 3, 4, 49_999, 258, 0, 7];
  // Within a larger buffer, at an odd place.
  const bytes = new Uint8Array(1 + 16).subarray(1);
  numbers.forEach((number, i) => bytes.set([number & 255, number >> 8], 2 * i));
  expect([0, 1].map((test) => neighbourRow(bytes, test))).toEqual([numbers.slice(0, 4), numbers.slice(4)]);
  // Of a file that holds fewer, or was cut off.
  expect(neighbourRow(bytes, 2)).toEqual([]);
  expect(neighbourRow(bytes.subarray(0, 15), 1)).toEqual([]);
});
