import { describe, expect, it } from 'vitest';
import { windowToFloats } from '../../../src/dataset/augment/windowToFloats.js';
import { Rng } from '../../../src/util/rng.js';

describe('windowToFloats', () => {
  /** Index into a side continued by reflections: a triangular wave. */
  function reflected(index: number, side: number): number {
    const period = Math.max(1, 2 * (side - 1));
    const phase = ((index % period) + period) % period;
    return Math.min(phase, period - phase);
  }

  it("continues a row as NumPy's pad in mode reflect does", () => {
    const row = Uint8Array.from([10, 20, 30, 40].flatMap((value) => [value, value + 1, value + 2]));
    const seen = (columns: number) => {
      const dst = new Float32Array(12);
      windowToFloats(row, 0, dst, 0, 1, 4, 0, columns);
      return [0, 3, 6, 9].map((k) => Math.round(dst[k] * 255));
    };
    // numpy.pad([10, 20, 30, 40], 3, 'reflect') is 40 30 20 | 10 20 30 40 | 30 20 10.
    expect(seen(-3)).toEqual([40, 30, 20, 10]);
    expect(seen(-1)).toEqual([20, 10, 20, 30]);
    expect(seen(2)).toEqual([30, 40, 30, 20]);
  });

  it.each([
    [1, 1],
    [1, 5],
    [4, 1],
    [2, 3],
    [5, 7],
    [9, 6],
  ])('equals the naive loops for every move of %i×%i', (height, width) => {
    const length = height * width * 3;
    const rng = new Rng(height, width);
    const src = Uint8Array.from({ length: length + 2 }, () => rng.int(256));
    for (let rows = 1 - height; rows < height; rows++)
      for (let columns = 1 - width; columns < width; columns++) {
        const expected = [-7, -7];
        for (let i = 0; i < height; i++)
          for (let j = 0; j < width; j++)
            for (let c = 0; c < 3; c++) {
              const pixel = reflected(i + rows, height) * width + reflected(j + columns, width);
              expected.push(src[2 + pixel * 3 + c] / 255);
            }
        const dst = new Float32Array(length + 3).fill(-7);
        windowToFloats(src, 2, dst, 2, height, width, rows, columns);
        expect(dst).toEqual(Float32Array.from([...expected, -7]));
      }
  });
});
