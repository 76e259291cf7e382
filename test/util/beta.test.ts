import { describe, expect, it } from 'vitest';
import { symmetricBeta } from '../../src/util/beta.js';
import { Rng } from '../../src/util/rng.js';

const N = 40_000;

describe('symmetricBeta', () => {
  it.each([0.05, 0.2, 0.5, 0.99, 1, 1.5, 4, 10])('has the moments of Beta(α, α), α = %f', (alpha) => {
    const rng = new Rng(3, alpha * 100);
    const values = Float64Array.from({ length: N }, () => symmetricBeta(alpha, rng));
    const moment = (order: number) => values.reduce((sum, x) => sum + (x - 0.5) ** order, 0) / N;
    const variance = 1 / (8 * alpha + 4);
    const fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    const sixth = 15 / (64 * (2 * alpha + 1) * (2 * alpha + 3) * (2 * alpha + 5));
    const eighth = sixth * (7 / (4 * (2 * alpha + 7)));
    // Five standard errors each.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(variance / N));
    expect(Math.abs(moment(2) - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / N));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(sixth / N));
    expect(Math.abs(moment(4) - fourth)).toBeLessThan(5 * Math.sqrt((eighth - fourth ** 2) / N));
  });

  it('is uniform for α = 1, and the arcsine law for α = ½', () => {
    // Largest distance of the distributions (Kolmogorov): 1.95 / √N is met with probability 0.999.
    const distance = (alpha: number, distribution: (x: number) => number) => {
      const rng = new Rng(5);
      const sorted = Float64Array.from({ length: N }, () => symmetricBeta(alpha, rng)).sort();
      return sorted.reduce((worst, x, k) => Math.max(worst, Math.abs(distribution(x) - k / N)), 0);
    };
    expect(distance(1, (x) => x)).toBeLessThan(1.95 / Math.sqrt(N));
    expect(distance(0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x)))).toBeLessThan(1.95 / Math.sqrt(N));
  });

  it.each([1e-3, 1e-9, 1e-300, Number.MIN_VALUE])(
    'is 0 or 1 evenly for α near 0, never NaN (%f)',
    (alpha) => {
      const rng = new Rng(9);
      let ones = 0;
      for (let k = 0; k < 4000; k++) {
        const x = symmetricBeta(alpha, rng);
        expect(x >= 0 && x <= 1).toBe(true);
        ones += x > 0.5 ? 1 : 0;
      }
      expect(Math.abs(ones - 2000)).toBeLessThan(5 * Math.sqrt(1000));
    },
  );
});
