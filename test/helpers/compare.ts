import { expect } from 'vitest';
import { Rng } from '../../src/util/rng.js';

/** Standard normal numbers, a pure function of the name. */
export function normals(size: number, ...name: number[]): Float32Array {
  const rng = new Rng(...name);
  return Float32Array.from({ length: size }, () => rng.normal());
}

/**
 * Largest difference, relative to the largest expected value. NaN and infinities count as infinitely wrong unless both
 * sides have the same.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const d = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(d)) return Infinity;
    difference = Math.max(difference, d);
  }
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference === 0 ? 0 : difference / scale;
}

/** ‖actual − expected‖ / ‖expected‖ */
export function distance(actual: ArrayLike<number>, expected: Float32Array | Float64Array): number {
  let difference = 0;
  let size = 0;
  expected.forEach((v, i) => {
    difference += (actual[i] - v) ** 2;
    size += v * v;
  });
  return Math.sqrt(difference / size);
}

/** Asserts that values agree to a relative error; the label of a failure says which case it was. */
export function expectClose(
  label: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  expect(actual.length, `${label}: number of values`).toBe(expected.length);
  expect(relativeError(actual, expected), `${label}: relative error`).toBeLessThanOrEqual(tolerance);
}
