import { describe, expect, it } from 'vitest';
import { type Pixels, areaMean } from '../../src/pictures/areaMean.js';
import { fitPicture } from '../../src/pictures/fit.js';
import { Rng } from '../../src/util/rng.js';

function random(width: number, height: number): Pixels {
  const rng = new Rng(3, width, height);
  return { rgb: Uint8Array.from({ length: width * height * 3 }, () => rng.int(256)), width, height };
}

/** The mean of each box over a grid so fine that its lines lie on the borders of pixels and of boxes. */
function exactBoxMean({ rgb, width, height }: Pixels, to: { width: number; height: number }): Float64Array {
  const result = new Float64Array(to.width * to.height * 3);
  for (let y = 0; y < height * to.height; y++) {
    for (let x = 0; x < width * to.width; x++) {
      const from = (Math.floor(y / to.height) * width + Math.floor(x / to.width)) * 3;
      const into = (Math.floor(y / height) * to.width + Math.floor(x / width)) * 3;
      for (let c = 0; c < 3; c++) result[into + c] += rgb[from + c] / (width * height);
    }
  }
  return result;
}

const whole = ({ width, height }: Pixels) => ({ left: 0, top: 0, width, height });

describe('areaMean', () => {
  it.each([
    [64, 64, 32, 32],
    [7, 5, 3, 2],
    [33, 47, 32, 32],
    [5, 3, 32, 32],
    [1, 1, 4, 4],
    [100, 1, 32, 32],
    [31, 200, 8, 6],
  ])('of %i×%i to %i×%i is the exact mean of each box', (width, height, w, h) => {
    const picture = random(width, height);
    const to = { width: w, height: h };
    const expected = exactBoxMean(picture, to);
    const got = areaMean(picture, whole(picture), to);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
    expect(worst).toBeLessThan(1e-4);
  });

  it('leaves a picture of the same size as it is', () => {
    const picture = random(32, 32);
    expect(Uint8Array.from(areaMean(picture, whole(picture), picture))).toEqual(picture.rgb);
  });

  it('takes a part whose borders lie between pixels', () => {
    // Two columns, 0 and 100; from a half of the first to a half of the second.
    const picture = { rgb: Uint8Array.of(0, 0, 0, 100, 100, 100), width: 2, height: 1 };
    const part = { left: 0.5, top: 0, width: 1, height: 1 };
    expect([...areaMean(picture, part, { width: 1, height: 1 })]).toEqual([50, 50, 50]);
    expect([...areaMean(picture, part, { width: 2, height: 1 })]).toEqual([0, 0, 0, 100, 100, 100]);
  });
});

describe('fitPicture', () => {
  /** Wide: three squares, red, green, blue. */
  const wide: Pixels = {
    rgb: Uint8Array.from({ length: 96 * 32 * 3 }, (_, i) =>
      Math.floor(((i / 3) % 96) / 32) === i % 3 ? 255 : 0,
    ),
    width: 96,
    height: 32,
  };
  const size = [32, 32, 3] as const;
  const at = (image: Uint8Array, y: number, x: number): number[] => [
    ...image.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3),
  ];

  it('crops the middle', () => {
    const image = fitPicture(wide, 'crop', size, [9, 9, 9]);
    expect(at(image, 0, 0)).toEqual([0, 255, 0]);
    expect(at(image, 31, 31)).toEqual([0, 255, 0]);
  });

  it('stretches the whole', () => {
    const image = fitPicture(wide, 'stretch', size, [9, 9, 9]);
    expect([0, 16, 31].map((x) => at(image, 5, x))).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
  });

  it('pads above and below', () => {
    const image = fitPicture(wide, 'pad', size, [9.4, 120.6, 7]);
    expect(at(image, 0, 0)).toEqual([9, 121, 7]);
    expect(at(image, 31, 0)).toEqual([9, 121, 7]);
    expect([0, 16, 31].map((x) => at(image, 15, x))).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
  });

  it('takes the narrowest of pictures', () => {
    for (const fit of ['crop', 'pad', 'stretch'] as const) {
      expect(fitPicture(random(1, 5000), fit, size, [0, 0, 0])).toHaveLength(3072);
    }
  });
});
