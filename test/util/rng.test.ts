import { describe, expect, it } from 'vitest';
import { Rng, hash32, permutation } from '../../src/util/rng.js';

describe('Rng', () => {
  it('repeats for the same name and differs for another', () => {
    const draw = (...name: number[]) => Array.from({ length: 4 }, () => new Rng(...name).uint32());
    expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
    expect(new Rng(1, 2, 3).uint32()).not.toBe(new Rng(1, 3, 2).uint32());
  });

  it('is uniform: mean, variance and 16 bins of 100,000 draws', () => {
    const rng = new Rng(42);
    const n = 100_000;
    const bins = new Array<number>(16).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const u = rng.next();
      sum += u;
      squares += u * u;
      bins[Math.floor(u * 16)]++;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.005);
    expect(Math.abs(squares / n - 1 / 3)).toBeLessThan(0.005);
    const chi2 = bins.reduce((total, count) => total + (count - n / 16) ** 2 / (n / 16), 0);
    expect(chi2).toBeLessThan(37.7); // 15 degrees of freedom, p = 0.001
  });

  it('gives uncorrelated first draws over neighbouring names', () => {
    const n = 20_000;
    let sum = 0;
    let product = 0;
    let previous = new Rng(7, 0).next();
    for (let i = 1; i <= n; i++) {
      const u = new Rng(7, i).next();
      sum += u;
      product += (u - 0.5) * (previous - 0.5);
      previous = u;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.01);
    expect(Math.abs((product / n) * 12)).toBeLessThan(0.03);
  });
});

describe('hash32', () => {
  it('tells large integers apart', () => {
    expect(hash32(1)).not.toBe(hash32(1 + 2 ** 32));
  });
});

describe('permutation', () => {
  it('holds every index once', () => {
    const order = permutation(1000, new Rng(5));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(order[0] === 0 && order[1] === 1 && order[2] === 2).toBe(false);
  });
});
