import { describe, expect, it } from 'vitest';
import { compareMeans, probabilityAtThreshold, summarize } from '../../src/experiments/significance.js';

// Expected values: SciPy 1.17 (ttest_1samp, t.interval, ttest_ind without equal variances).
const A = [94.06, 94.19, 94.1, 93.95, 94.02];
const B = [94.01, 93.92, 93.97, 93.98, 93.98];

describe('one sample', () => {
  it('has a mean, a deviation and an interval', () => {
    const { count, mean, deviation, interval } = summarize(A);
    expect([count, mean]).toEqual([5, expect.closeTo(94.064, 10)]);
    expect(deviation).toBeCloseTo(0.0896102672688776, 10);
    expect(interval?.[0]).toBeCloseTo(93.95273415726281, 8);
    expect(interval?.[1]).toBeCloseTo(94.17526584273718, 8);
  });

  it('of one value has neither deviation nor interval, nor p', () => {
    expect(summarize([94])).toEqual({ count: 1, mean: 94, deviation: null, interval: null });
    expect(probabilityAtThreshold([94], 93)).toBeNull();
  });

  it('against a threshold, one-sided', () => {
    expect(probabilityAtThreshold(A, 94)).toBeCloseTo(0.0927508717422484, 10);
    expect(probabilityAtThreshold(A, 94.2)).toBeGreaterThan(0.9);
  });

  it('of equal values says nothing', () => {
    expect(probabilityAtThreshold([94, 94, 94], 93)).toBeNull();
  });
});

describe('two samples', () => {
  it('are compared by Welch', () => {
    const result = compareMeans(A, B);
    expect(result?.difference).toBeCloseTo(0.092, 10);
    expect(result?.interval[0]).toBeCloseTo(-0.01735570056803988, 8);
    expect(result?.interval[1]).toBeCloseTo(0.20135570056800894, 8);
    expect(result?.p).toBeCloseTo(0.08303936608370546, 10);
  });

  it('the other way round differ by as much the other way', () => {
    const [there, back] = [compareMeans(A, B), compareMeans(B, A)];
    expect(back?.difference).toBe(-(there?.difference ?? NaN));
    expect(back?.p).toBe(there?.p);
  });

  it('need the more seeds the closer they are', () => {
    const close = compareMeans([1, 2, 3], [1.1, 2.1, 3.1]);
    const apart = compareMeans([1, 2, 3], [4, 5, 6]);
    // With the normal distribution in Student's place: (2.576 + 1.282)²·2/3² = 3.3, and Student needs some more.
    expect(apart?.countToShow).toBeGreaterThanOrEqual(5);
    expect(apart?.countToShow).toBeLessThanOrEqual(7);
    // (2.576 + 1.282)²·2/.1² = 2977.
    expect(close?.countToShow).toBeGreaterThan(2970);
    expect(close?.countToShow).toBeLessThan(2990);
  });

  it('that are equal are never told apart', () => {
    expect(compareMeans([1, 2], [1, 2])?.countToShow).toBe(Infinity);
  });

  it('of one value, or without any deviation, are not compared', () => {
    expect(compareMeans([1], [1, 2])).toBeNull();
    expect(compareMeans([1, 1], [2, 2])).toBeNull();
  });
});
