import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/io/npy.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { accuracyBySize, subsets } from '../../src/ensembles/accuracyBySize.js';
import { combine, ensemble } from '../../src/ensembles/averaging.js';
import { type Member, readMember } from '../../src/ensembles/members.js';
import { accuracyOf } from '../../src/evaluation/metrics.js';
import { Rng } from '../../src/util/rng.js';
import { lastingFolder } from '../helpers/folders.js';

/** Rows of ten in which two classes share the probability. */
function member(name: string, ...shares: [number, number, number, number][]): Member {
  const probabilities = new Float64Array(shares.length * 10);
  shares.forEach(([a, pa, b, pb], row) => {
    probabilities[row * 10 + a] = pa;
    probabilities[row * 10 + b] = pb;
  });
  return { name, path: `${name}.npy`, probabilities };
}

const a = member('a', [0, 0.9, 1, 0.1], [2, 0.4, 3, 0.6], [4, 0.6, 5, 0.4]);
const b = member('b', [0, 0.4, 1, 0.6], [2, 0.7, 3, 0.3], [4, 0.3, 5, 0.7]);
const labels = Uint8Array.of(0, 2, 4);

describe('ensemble', () => {
  it('measures members, their mean, their disagreement and the ensemble', () => {
    const result = ensemble([a, b], labels, { mean: 'arithmetic' });
    expect(result.members.map(({ accuracy }) => accuracy)).toEqual([2 / 3, 1 / 3]);
    expect(result.meanAccuracy).toBeCloseTo(0.5, 12);
    expect(result.disagreement).toEqual([
      [0, 1],
      [1, 0],
    ]);
    // Means: .65 for class 0, .55 for class 2, .55 for class 5.
    expect(result.accuracy).toBeCloseTo(2 / 3, 12);
    expect(result.accuracyBySize[0]).toBeCloseTo(0.5, 12);
    expect(result.accuracyBySize[1]).toBeCloseTo(2 / 3, 12);
  });

  it('weighs members', () => {
    const mean = combine([a, b], [3, 1], 'arithmetic', 10);
    expect(mean[0]).toBeCloseTo((3 * 0.9 + 0.4) / 4, 6);
    expect(ensemble([a, b], labels, { mean: 'arithmetic', weights: [1, 0] }).accuracy).toBeCloseTo(2 / 3, 12);
  });

  it('takes geometric means that sum to 1', () => {
    const mean = combine([a, b], [1, 1], 'geometric', 10);
    const [p, q] = [Math.sqrt(0.9 * 0.4), Math.sqrt(0.1 * 0.6)];
    expect(mean[0]).toBeCloseTo(p / (p + q), 4);
    expect(mean.subarray(0, 10).reduce((x, y) => x + y)).toBeCloseTo(1, 6);
  });

  it.each([
    [[1], /--weights: expected 2 numbers, one a member, got 1/],
    [[0, 0], /--weights: expected at least one above 0/],
  ])('refuses weights %j', (weights, message) => {
    expect(() => ensemble([a, b], labels, { mean: 'arithmetic', weights })).toThrow(message);
  });
});

describe('subsets', () => {
  it('lists all when there are few', () => {
    expect(subsets(4, 2)).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
  });

  it('spreads over all when there are many, without repeats', () => {
    const some = subsets(20, 10);
    expect(some).toHaveLength(300);
    expect(new Set(some.map(String)).size).toBe(300);
    expect(some.every((subset) => subset.length === 10 && subset[9] < 20)).toBe(true);
  });
});

describe('accuracyBySize', () => {
  it.each([
    ['all subsets', 7],
    ['as many as are tried, with sums kept of the first 32 members only', 40],
  ])('is the mean over %s of what each comes to alone', (_name, count) => {
    const rng = new Rng(9);
    const truth = Uint8Array.from({ length: 50 }, () => rng.int(3));
    const weights = Array.from({ length: count }, (_, m) => m % 4);
    const terms = weights.map((weight) => Float64Array.from({ length: 150 }, () => weight * rng.next()));
    const naive = terms.map((_, index) => {
      const accuracies = subsets(count, index + 1)
        .filter((subset) => subset.some((m) => weights[m] > 0))
        .map((subset) => {
          const sum = new Float64Array(150);
          for (const m of subset) terms[m].forEach((value, i) => (sum[i] += value));
          return accuracyOf(sum, truth);
        });
      return accuracies.reduce((total, accuracy) => total + accuracy, 0) / accuracies.length;
    });
    accuracyBySize(terms, weights, truth).forEach((accuracy, i) =>
      expect(accuracy).toBeCloseTo(naive[i], 12),
    );
  });
});

describe('readMember', () => {
  const folder = lastingFolder();
  const write = (name: string, data: Float32Array, shape: number[]): string => {
    const path = join(folder, name);
    writeNpy(path, data, shape);
    return path;
  };

  it('reads probabilities', () => {
    const path = write('pred_3.npy', new Float32Array(20).fill(0.1), [2, 10]);
    const read = readMember(path, { count: 2, dataset: CIFAR10 });
    expect(read.name).toBe('pred_3');
    expect(read.probabilities.length).toBe(20);
  });

  it.each([
    [
      'another count',
      new Float32Array(20),
      [2, 10],
      /expected an array of shape \(3, 10\).*got \(2, 10\).*--limit-test 2/,
    ],
    [
      'another number of classes',
      new Float32Array(27),
      [3, 9],
      /expected an array of shape \(3, 10\).*got \(3, 9\)/,
    ],
    ['NaN', new Float32Array(30).fill(NaN), [3, 10], /got NaN at row 0, column 0/],
    ['logits', new Float32Array(30).fill(-2), [3, 10], /between 0 and 1, got -2/],
  ])('refuses %s, naming the file', (_name, data, shape, message) => {
    const path = write('bad.npy', data, shape);
    expect(() => readMember(path, { count: 3, dataset: CIFAR10 })).toThrow(message);
    expect(() => readMember(path, { count: 3, dataset: CIFAR10 })).toThrow('bad.npy');
  });
});
