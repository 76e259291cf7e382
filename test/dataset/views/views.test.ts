import { describe, expect, it } from 'vitest';
import { VIEW_PRESETS, viewImages, type View } from '../../../src/dataset/views/index.js';
import { Rng } from '../../../src/util/rng.js';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';

const BYTES = 3072;
const rng = new Rng(4);
const images = Uint8Array.from({ length: 3 * BYTES }, () => rng.int(256));
const plain: View = { flip: false, dy: 0, dx: 0 };

function view(indices: number[], how: View): Float32Array {
  const dst = new Float32Array(indices.length * BYTES);
  viewImages(CIFAR10, images, indices, how, dst);
  return dst;
}

/** Channel c of pixel (i, j) of image n in [0, 1], reflected beyond the border. */
function pixel(n: number, i: number, j: number, c: number): number {
  const inside = (k: number) => (k < 0 ? -k : k > 31 ? 62 - k : k);
  return Math.fround(images[n * BYTES + (inside(i) * 32 + inside(j)) * 3 + c] / 255);
}

describe('viewImages', () => {
  it('scales the images named, in the order named', () => {
    const bytes = [2, 0, 2].flatMap((n) => [...images.subarray(n * BYTES, (n + 1) * BYTES)]);
    expect(view([2, 0, 2], plain)).toEqual(Float32Array.from(bytes, (byte) => byte / 255));
  });

  it.each<View>([
    { flip: false, dy: -1, dx: -1 },
    { flip: true, dy: 1, dx: 1 },
    { flip: true, dy: 0, dx: 0 },
    { flip: true, dy: 3, dx: -5 },
    { flip: false, dy: 31, dx: -31 },
  ])('moves the window, then mirrors: %j', (how) => {
    const seen = view([1, 2], how);
    for (let k = 0; k < 2; k++)
      for (let i = 0; i < 32; i++)
        for (let j = 0; j < 32; j++)
          for (let c = 0; c < 3; c++) {
            const column = how.flip ? 31 - j : j;
            const expected = pixel(k + 1, i + how.dy, column + how.dx, c);
            expect(seen[k * BYTES + (i * 32 + j) * 3 + c]).toBe(expected);
          }
  });

  it('refuses what it cannot show', () => {
    expect(() => view([0], { ...plain, dy: 32 })).toThrow(
      'A view must be moved by whole pixels from -31 to 31, but is by 32.',
    );
    expect(() => view([0], { ...plain, dx: 0.5 })).toThrow(RangeError);
    expect(() => view([3], plain)).toThrow('There is no image 3 to view: the set has 3.');
    expect(() => viewImages(CIFAR10, images, [0, 1], plain, new Float32Array(BYTES))).toThrow(
      '2 views need 6144 values, but there is room for 3072.',
    );
  });
});

describe('VIEW_PRESETS', () => {
  it.each(Object.entries(VIEW_PRESETS))('the weights of %s sum to 1, its views differ', (_, views) => {
    expect(views.reduce((sum, { weight }) => sum + weight, 0)).toBe(1);
    expect(new Set(views.map((each) => JSON.stringify(each.view))).size).toBe(views.length);
  });

  it('are the mirror and crops of the padded image', () => {
    expect(VIEW_PRESETS.none).toEqual([{ view: plain, weight: 1 }]);
    expect(VIEW_PRESETS.flip.map(({ view: { flip }, weight }) => [flip, weight])).toEqual([
      [false, 1 / 2],
      [true, 1 / 2],
    ]);
    expect(VIEW_PRESETS.multicrop.map(({ view: v, weight }) => [v.dy, v.dx, v.flip, weight])).toEqual([
      [0, 0, false, 1 / 4],
      [0, 0, true, 1 / 4],
      [-1, -1, false, 1 / 8],
      [-1, -1, true, 1 / 8],
      [1, 1, false, 1 / 8],
      [1, 1, true, 1 / 8],
    ]);
  });
});
