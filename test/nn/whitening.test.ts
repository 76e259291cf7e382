import { describe, expect, it } from 'vitest';
import { WHITENING_EPSILON, symmetricEigen, whiteningFilters } from '../../src/nn/whitening.js';
import { normals } from '../helpers/compare.js';
import { trainImages } from '../helpers/data.js';

/** B·D·Bᵀ with D's diagonal, for any B; symmetric to the last bit. */
function congruent(factor: ArrayLike<number>, diagonal: ArrayLike<number>): Float64Array {
  const size = diagonal.length;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += factor[i * size + k] * diagonal[k] * factor[j * size + k];
      matrix[i * size + j] = matrix[j * size + i] = sum;
    }
  return matrix;
}

/** Identity − 2·u·uᵀ for a unit vector u: orthogonal. */
function reflection(size: number): Float64Array {
  const u = normals(size, 5);
  const length = u.reduce((sum, value) => sum + value * value, 0);
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return (i === j ? 1 : 0) - (2 * u[i] * u[j]) / length;
  });
}

const gaussian = normals(144, 1);
const MATRICES: Record<string, Float64Array> = {
  'of any signs, 12×12': congruent(normals(144, 2), normals(12, 3)),
  'of sums of squares, 12×12': congruent(gaussian, new Array<number>(12).fill(1)),
  'with repeated values': congruent(reflection(12), [3, 3, 3, 1, 1, 1, 1, 0.5, 0, 0, -2, -2]),
  'of values that span twelve orders of magnitude': congruent(
    reflection(12),
    Array.from({ length: 12 }, (_, k) => 10 ** -k),
  ),
  'that is diagonal already': Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? 2 - at : 0)),
  'of zeros': new Float64Array(9),
  '1×1': Float64Array.of(-7),
};

describe('symmetricEigen of a matrix', () => {
  it.each(Object.entries(MATRICES))('%s', (_, matrix) => {
    const size = Math.sqrt(matrix.length);
    const before = Float64Array.from(matrix);
    const { values, vectors } = symmetricEigen(matrix, size);
    expect(matrix).toEqual(before);
    expect(values.length).toBe(size);
    const scale = Math.max(1e-300, ...matrix.map(Math.abs));
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        let rebuilt = 0;
        let product = 0;
        for (let k = 0; k < size; k++) {
          rebuilt += vectors[i * size + k] * values[k] * vectors[j * size + k];
          product += vectors[k * size + i] * vectors[k * size + j];
        }
        expect(Math.abs(rebuilt - matrix[i * size + j])).toBeLessThanOrEqual(1e-13 * scale);
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThanOrEqual(1e-13);
      }
  });

  it('finds the values it was made of', () => {
    const { values } = symmetricEigen(MATRICES['with repeated values'], 12);
    const found = Array.from(values).sort((a, b) => b - a);
    [3, 3, 3, 1, 1, 1, 1, 0.5, 0, 0, -2, -2].forEach((value, k) => expect(found[k]).toBeCloseTo(value, 12));
  });
});

describe('whiteningFilters of training images', () => {
  const COUNT = 400;
  const PATCHES = COUNT * 31 * 31;
  const train = trainImages();
  const images = Float32Array.from(train.images.subarray(0, COUNT * 3072), (v) => (v / 255 - 0.47) / 0.25);
  const filters = whiteningFilters(images, [32, 32, 3]);
  const column = (k: number) => Array.from({ length: 12 }, (_, i) => filters[i * 24 + k]);
  // A filter is a unit vector over √(λ + ε).
  const eigenvalues = Array.from({ length: 12 }, (_, k) => {
    const square = column(k).reduce((sum, weight) => sum + weight * weight, 0);
    return 1 / square - WHITENING_EPSILON;
  });

  it('are twelve by falling eigenvalue, all above 0, and their negations', () => {
    expect(filters.length).toBe(12 * 24);
    for (let k = 0; k < 12; k++) {
      expect(column(12 + k)).toEqual(column(k).map((weight) => -weight));
      expect(eigenvalues[k]).toBeGreaterThan(0);
      if (k > 0) expect(eigenvalues[k]).toBeLessThan(eigenvalues[k - 1]);
    }
  });

  it("give outputs of second moments λ/(λ + ε) that don't correlate", () => {
    const moments = new Float64Array(144);
    const outputs = new Float64Array(12);
    for (let n = 0; n < COUNT; n++)
      for (let row = 0; row < 31; row++)
        for (let col = 0; col < 31; col++) {
          outputs.fill(0);
          for (let dy = 0; dy < 2; dy++)
            for (let dx = 0; dx < 2; dx++)
              for (let c = 0; c < 3; c++) {
                const value = images[((n * 32 + row + dy) * 32 + col + dx) * 3 + c];
                const tap = ((dy * 2 + dx) * 3 + c) * 24;
                for (let k = 0; k < 12; k++) outputs[k] += value * filters[tap + k];
              }
          for (let k = 0; k < 12; k++)
            for (let l = 0; l < 12; l++) moments[k * 12 + l] += outputs[k] * outputs[l];
        }
    for (let k = 0; k < 12; k++)
      for (let l = 0; l < 12; l++) {
        const expected = k === l ? eigenvalues[k] / (eigenvalues[k] + WHITENING_EPSILON) : 0;
        expect(Math.abs(moments[k * 12 + l] / PATCHES - expected)).toBeLessThan(1e-4);
      }
  });
});
