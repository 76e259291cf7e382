import { describe, expect, it } from 'vitest';
import { createShrink } from '../../../src/dataset/batches/shrink.js';
import { Rng } from '../../../src/util/rng.js';
import { collect, withSource } from './helpers.js';

/** PyTorch 1.13's `interpolate(…, mode='bilinear', align_corners=False)` of sin(.37·k), two images of 8×8×3: some values of the result. */
const TORCH: Readonly<Record<number, readonly number[]>> = {
  8: [0, 0.36161545, 0.67428792, -0.52983618, 0.99987459, 0.93793601, -0.3319191],
  7: [0.09104822, 0.3852821, 0.62736988, -0.67538154, 0.82915878, 0.74757081, -0.18984085],
  6: [0.18150087, 0.39123628, 0.5480197, -0.59335071, 0.61101121, 0.51291078, -0.03257531],
  5: [0.24872035, 0.35041752, 0.40468737, 0.03054976, 0.32379624, 0.22117417, 0.12582369],
  3: [-0.175568, -0.38632828, -0.54480034, -0.20561805, -0.61282754, -0.51658553, 0.03873895],
};

describe('shrinking', () => {
  it.each([8, 7, 6, 5, 3])('to %i pixels, as PyTorch does', (side) => {
    const images = Float32Array.from({ length: 2 * 8 * 8 * 3 }, (_, k) => Math.sin(Math.fround(k * 0.37)));
    createShrink([8, 8, 3], side)(images, 2);
    const one = side * side * 3;
    const places = [0, 1, 2, 10, one - 1, one, 2 * one - 1];
    places.forEach((place, i) => expect(images[place]).toBeCloseTo(TORCH[side][i], 5));
  });

  it.each([24, 28, 31])('in place, of 32 to %i pixels, as by a loop into other memory', (side) => {
    const rng = new Rng(side);
    const source = Float32Array.from({ length: 3 * 32 * 32 * 3 }, () => rng.next());
    const images = source.slice();
    createShrink([32, 32, 3], side)(images, 3);
    let worst = 0;
    const axis = (i: number): [number, number, number] => {
      const at = Math.max(0, ((i + 0.5) * 32) / side - 0.5);
      return [Math.floor(at), Math.min(31, Math.floor(at) + 1), at - Math.floor(at)];
    };
    for (let n = 0; n < 3; n++) {
      for (let i = 0; i < side; i++) {
        for (let j = 0; j < side; j++) {
          for (let c = 0; c < 3; c++) {
            const [y0, y1, dy] = axis(i);
            const [x0, x1, dx] = axis(j);
            const pixel = (y: number, x: number): number => source[((n * 32 + y) * 32 + x) * 3 + c];
            const expected =
              (1 - dy) * ((1 - dx) * pixel(y0, x0) + dx * pixel(y0, x1)) +
              dy * ((1 - dx) * pixel(y1, x0) + dx * pixel(y1, x1));
            const actual = images[((n * side + i) * side + j) * 3 + c];
            worst = Math.max(worst, Math.abs(actual - expected));
          }
        }
      }
    }
    expect(worst).toBeLessThan(1e-6);
  });
});

describe('batches of smaller images', () => {
  const order = Uint32Array.from({ length: 8 }, (_, i) => i);

  it.each([0, 2])('have the size of their epoch, with %i workers', async (workers) => {
    await withSource({ workers, smallSizes: [3, 4] }, async (source) => {
      for (const side of [3, 4, undefined]) {
        const epoch = side === undefined ? 2 : side - 3;
        const batches = await collect(source.batches(epoch, order));
        for (const { images, imageShape, labels } of batches) {
          const [height, width, channels] = imageShape;
          if (side !== undefined) expect([height, width]).toEqual([side, side]);
          expect(images.length).toBe(labels.length * height * width * channels);
        }
      }
    });
  });

  it('are the full ones, shrunk', async () => {
    await withSource({ smallSizes: [3] }, async (small) => {
      await withSource({}, async (full) => {
        const [[a], [b]] = [await collect(small.batches(0, order)), await collect(full.batches(0, order))];
        const expected = b.images.slice();
        createShrink(b.imageShape, 3)(expected, b.labels.length);
        expect(a.images).toEqual(expected.subarray(0, a.images.length));
      });
    });
  });

  it.each([0, 2.5, 100])('refuse a side of %f pixels', async (side) => {
    await expect(withSource({ smallSizes: [side] }, () => Promise.resolve())).rejects.toThrow(RangeError);
  });
});
