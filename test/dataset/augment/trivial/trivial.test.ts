import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createTrivial,
  drawTrivial,
  type TrivialDraw,
} from '../../../../src/dataset/augment/trivial/index.js';
import { Rng } from '../../../../src/util/rng.js';

const folder = new URL('../../../golden/trivial/', import.meta.url);
const cases = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8')) as (TrivialDraw & {
  image: number;
})[];
const images = readFileSync(new URL('images.bin', folder));
const expected = readFileSync(new URL('expected.bin', folder));
const LENGTH = 32 * 32 * 3;

// The references come from torchvision: scripts/golden/make-trivial.py.
describe('an operation of TrivialAugment equals torchvision’s', () => {
  const apply = createTrivial(32, 32);

  it.each(cases.map((each, index) => ({ ...each, index })))(
    '$operation by $magnitude, image $image',
    ({ image, operation, magnitude, index }) => {
      const values = Float32Array.from(
        images.subarray(image * LENGTH, (image + 1) * LENGTH),
        (byte) => byte / 255,
      );
      // Written behind another value, to see that the beginning is not overrun.
      const target = new Float32Array(LENGTH + 1);
      target.set(values, 1);
      apply({ operation, magnitude }, target, 1);
      const differing = Array.from({ length: LENGTH }, (_, k) => k).filter(
        (k) => Math.round(target[k + 1] * 255) !== expected[index * LENGTH + k],
      );
      // Where a position is half-way between two pixels, or a blend between two bytes, float32 decides there and float64 here.
      expect(differing.length).toBeLessThanOrEqual(LENGTH / 200);
      expect(target[0]).toBe(0);
    },
  );
});

it('draws every operation as often, and signed ones either way', () => {
  const rng = new Rng(1);
  const counts = new Map<string, { all: number; negative: number }>();
  const draw: TrivialDraw = { operation: 'identity', magnitude: 0 };
  for (let i = 0; i < 14_000; i++) {
    drawTrivial(rng, draw);
    const count = counts.get(draw.operation) ?? { all: 0, negative: 0 };
    count.all++;
    if (draw.magnitude < 0) count.negative++;
    counts.set(draw.operation, count);
  }
  expect(counts.size).toBe(14);
  for (const [operation, { all, negative }] of counts) {
    expect(all, operation).toBeGreaterThan(850);
    expect(all, operation).toBeLessThan(1150);
    const isSigned = /^(shear|translate|rotate|bright|color|contrast|sharp)/.test(operation);
    if (isSigned) expect(Math.abs(negative / all - 15 / 31), operation).toBeLessThan(0.06);
    else expect(negative).toBe(0);
  }
});
