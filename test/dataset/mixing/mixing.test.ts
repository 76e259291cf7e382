import { describe, expect, it } from 'vitest';
import { rectangleAround } from '../../../src/dataset/mixing/cutmix.js';
import { drawMixing, mixBatch, mixesImages, type Mixing } from '../../../src/dataset/mixing/index.js';
import { Rng } from '../../../src/util/rng.js';

const SHAPE = [4, 5, 3] as const;
const LENGTH = 60;

function noise(size: number): Float32Array {
  const rng = new Rng(size);
  return Float32Array.from({ length: size * LENGTH }, () => rng.next());
}

/** What a mixing makes of a batch, with further values behind it that must stay. */
function mixed(before: Float32Array, size: number, mixing: Mixing): Float32Array {
  const images = new Float32Array(before.length + 4).fill(-7);
  images.set(before);
  mixBatch(images, size, SHAPE, mixing);
  expect([...images.slice(-4)]).toEqual([-7, -7, -7, -7]);
  return images.slice(0, -4);
}

describe('mixBatch', () => {
  it.each([1, 2, 3, 6, 7])('blends image i of %i with image n − 1 − i under mixup', (size) => {
    const before = noise(size);
    const weight = 0.3;
    const after = mixed(before, size, { weight });
    for (let i = 0; i < size; i++)
      for (let k = 0; k < LENGTH; k++) {
        const partner = before[(size - 1 - i) * LENGTH + k];
        const expected = weight * before[i * LENGTH + k] + (1 - weight) * partner;
        expect(after[i * LENGTH + k]).toBeCloseTo(expected, 6);
      }
  });

  it.each([1, 2, 3, 6, 7])('swaps a rectangle between images i and n − 1 − i of %i under cutmix', (size) => {
    const before = noise(size);
    const rectangle = { top: 1, left: 2, height: 2, width: 3 };
    const after = mixed(before, size, { weight: 0.7, rectangle });
    for (let i = 0; i < size; i++)
      for (let row = 0; row < 4; row++)
        for (let column = 0; column < 5; column++)
          for (let c = 0; c < 3; c++) {
            const isInside = row >= 1 && row < 3 && column >= 2;
            const k = (row * 5 + column) * 3 + c;
            expect(after[i * LENGTH + k]).toBe(before[(isInside ? size - 1 - i : i) * LENGTH + k]);
          }
  });

  it('leaves a batch alone when each image keeps all of itself', () => {
    expect(mixed(noise(4), 4, { weight: 1 })).toEqual(noise(4));
    const rectangle = { top: 0, left: 0, height: 0, width: 0 };
    expect(mixed(noise(4), 4, { weight: 1, rectangle })).toEqual(noise(4));
  });
});

describe('rectangleAround', () => {
  it('covers the share, in the middle of the image', () => {
    expect(rectangleAround(16, 16, 0.25, 32, 32)).toEqual({ top: 8, left: 8, height: 16, width: 16 });
    expect(rectangleAround(16, 16, 1, 32, 32)).toEqual({ top: 0, left: 0, height: 32, width: 32 });
    expect(rectangleAround(16, 16, 0, 32, 32)).toMatchObject({ height: 0, width: 0 });
  });

  it('is cut off at the borders', () => {
    expect(rectangleAround(0, 31, 0.25, 32, 32)).toEqual({ top: 0, left: 23, height: 8, width: 9 });
    expect(rectangleAround(3, 0, 1, 4, 5)).toEqual({ top: 1, left: 0, height: 3, width: 3 });
  });
});

describe('drawMixing', () => {
  const draw = (config: object, step: number, epoch = 0, seed = 1) =>
    drawMixing(config, seed, epoch, step, [32, 32, 3]);
  const N = 5000;

  it('draws nothing where nothing is mixed', () => {
    expect(draw({ translate: 2 }, 0)).toBeUndefined();
    expect(mixesImages({ translate: 2 })).toBe(false);
    expect(mixesImages({ mixup: 1 })).toBe(true);
    expect(mixesImages({ cutmix: 1 })).toBe(true);
  });

  it('is a function of seed, epoch and step, and of each of them', () => {
    const config = { mixup: 0.2, cutmix: 1 };
    expect(draw(config, 5, 3)).toEqual(draw(config, 5, 3));
    for (const other of [draw(config, 6, 3), draw(config, 5, 4), draw(config, 5, 3, 2)])
      expect(other).not.toEqual(draw(config, 5, 3));
  });

  it('draws the weight of mixup from Beta(α, α)', () => {
    const weights = Float64Array.from({ length: N }, (_, step) => draw({ mixup: 0.4 }, step)?.weight ?? NaN);
    const mean = weights.reduce((sum, x) => sum + x, 0) / N;
    const variance = weights.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / N;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 7.2 / N));
    expect(Math.abs(variance * 7.2 - 1)).toBeLessThan(0.05);
  });

  it('gives cutmix the exact share of the pixels that stay, and centres everywhere', () => {
    const rows = new Set<number>();
    for (let step = 0; step < N; step++) {
      const mixing = draw({ cutmix: 1 }, step);
      const rectangle = mixing?.rectangle;
      if (!mixing || !rectangle) throw new Error('expected a rectangle');
      const { top, left, height, width } = rectangle;
      expect(Math.min(top, left, height, width)).toBeGreaterThanOrEqual(0);
      expect(Math.max(top + height, left + width)).toBeLessThanOrEqual(32);
      expect(mixing.weight).toBe(1 - (height * width) / 1024);
      if (height > 0) rows.add(top + height);
    }
    expect(rows.size).toBe(32);
  });

  it('gives each of two methods half of the batches, without changing what either draws', () => {
    let cut = 0;
    for (let step = 0; step < N; step++) {
      const mixing = draw({ mixup: 0.2, cutmix: 1 }, step);
      if (mixing?.rectangle) cut++;
      expect(mixing).toEqual(draw(mixing?.rectangle ? { cutmix: 1 } : { mixup: 0.2 }, step));
    }
    expect(Math.abs(cut - N / 2)).toBeLessThan(5 * Math.sqrt(N / 4));
  });
});
