import { describe, expect, it } from 'vitest';
import {
  TAPS,
  type Tile,
  TRANSFORMS,
} from '../../../../../src/engine/onednn/convolution/winograd/transforms.js';
import type { WeightedSum } from '../../../../../src/engine/onednn/convolution/winograd/weightedSum.js';

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The sum, computed as it says. */
const addedUp = ({ first, steps }: WeightedSum, vectors: readonly number[]): number =>
  steps.reduce((sum, step) => {
    if ('factor' in step) return sum * step.factor;
    return step.operation === 'add' ? sum + vectors[step.vector] : sum - vectors[step.vector];
  }, vectors[first]);

const values = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i + 1) * seed * 37) % 11).map((value) => value - 5);

describe.each([3, 4] as Tile[])('maps of tiles of %i', (tile) => {
  const { size, inputs, gradients, outputs, filter, filterGradient } = TRANSFORMS[tile];
  const [d, g, dy] = [values(size, 1), values(TAPS, 2), values(tile, 3)];
  const products = inputs.map((factors, i) => dot(factors, d) * addedUp(filter[i], g));

  it('make a convolution along an axis', () => {
    const plain = dy.map((_, i) => dot(g, d.slice(i, i + TAPS)));
    outputs.forEach((factors, i) => expect(dot(factors, products)).toBeCloseTo(plain[i], 10));
  });

  it('make its gradient by the filter', () => {
    const plain = g.map((_, tap) => dot(dy, d.slice(tap, tap + tile)));
    const planes = inputs.map((factors, i) => dot(factors, d) * dot(gradients[i], dy));
    filterGradient.forEach((sum, tap) => expect(addedUp(sum, planes)).toBeCloseTo(plain[tap], 10));
  });
});
