import { describe, expect, it } from 'vitest';
import {
  TAPS,
  type Taps,
  type Tile,
  TRANSFORMS,
} from '../../../../../src/engine/onednn/convolution/winograd/transforms.js';

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);

const applied = ({ first, factors }: Taps, values: readonly number[]): number =>
  dot(factors, values.slice(first, first + factors.length));

const values = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i + 1) * seed * 37) % 11).map((value) => value - 5);

describe.each([3, 4] as Tile[])('maps of tiles of %i', (tile) => {
  const { size, inputs, gradients, outputs, filter } = TRANSFORMS[tile];
  const [d, g, dy] = [values(size, 1), values(TAPS, 2), values(tile, 3)];
  const products = inputs.map((taps, i) => applied(taps, d) * dot(filter[i], g));

  it('make a convolution along an axis', () => {
    const plain = dy.map((_, i) => dot(g, d.slice(i, i + TAPS)));
    outputs.forEach((weights, i) => expect(dot(weights, products)).toBeCloseTo(plain[i], 10));
  });

  it('make its gradient by the filter', () => {
    const plain = g.map((_, tap) => dot(dy, d.slice(tap, tap + tile)));
    const planes = inputs.map((taps, i) => applied(taps, d) * applied(gradients[i], dy));
    plain.forEach((expected, tap) =>
      expect(
        dot(
          filter.map((weights) => weights[tap]),
          planes,
        ),
      ).toBeCloseTo(expected, 10),
    );
  });

  it('have a plane that goes to each output alike', () => {
    expect(outputs.map((weights) => weights[1])).toEqual(dy.map(() => 1));
  });
});
