import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../src/plots/pixels.js';
import { classSheet, variantSheet } from '../../src/plots/sampleSheets.js';
import { savePicture } from '../../src/plots/savePicture.js';
import { imageSheet } from '../../src/plots/sheet.js';
import { decode, pixel, texts } from './support.js';
import { temporaryFolder } from '../helpers/folders.js';

/** Images of height 2 and width 3 whose pixel (y, x) of image i is [10 i, 20 y, 30 x]. */
function images(count: number, asFloat = false): ImageSet {
  const bytes = Uint8Array.from({ length: count * 18 }, (_, at) => {
    const place = Math.floor(at / 3);
    return [10 * Math.floor(place / 6), 20 * (Math.floor(place / 3) % 2), 30 * (place % 3)][at % 3];
  });
  const pixels = asFloat ? Float32Array.from(bytes, (byte) => byte / 255) : bytes;
  return { pixels, count, height: 2, width: 3 };
}

/** The embedded image of a sheet and its place. */
function embedded(svg: string) {
  const match = /<image x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"[^>]*base64,([^"]*)"/.exec(svg);
  if (match === null) throw new Error('no image in the drawing');
  return { x: Number(match[1]), y: Number(match[2]), png: decode(Buffer.from(match[5], 'base64')) };
}

describe('sheet of images', () => {
  it.each([false, true])(
    'enlarges each pixel to a square, in the drawing and in the PNG (float: %s)',
    (asFloat) => {
      const set = images(4, asFloat);
      const { svg, png } = imageSheet({
        title: 'sheet',
        rows: [
          { label: 'first', cells: [{ images: set, index: 3 }, undefined] },
          { label: 'second', cells: [{ images: set, index: 1 }, { images: set, index: 2 }] }, // prettier-ignore
        ],
        zoom: 4,
      });
      const { x, y, png: grid } = embedded(svg);
      const whole = decode(png);
      // Two images of 12×8 pixels with a gap of 4 between them.
      expect([grid.width, grid.height]).toEqual([28, 20]);
      for (const [row, column, index] of [
        [0, 0, 3],
        [1, 0, 1],
        [1, 1, 2],
      ]) {
        // prettier-ignore
        for (let dy = 0; dy < 8; dy++) {
        for (let dx = 0; dx < 12; dx++) {
          const expected = [10 * index, 20 * Math.floor(dy / 4), 30 * Math.floor(dx / 4)];
          const [gx, gy] = [column * 16 + dx, row * 12 + dy];
          expect(pixel(grid, gx, gy)).toEqual(expected);
          for (const [sx, sy] of [[0, 0], [1, 1]]) { // prettier-ignore
            expect(pixel(whole, 2 * (x + gx) + sx, 2 * (y + gy) + sy)).toEqual(expected);
          }
        }
      }
      }
      // The empty place and the gaps are white.
      expect(pixel(grid, 20, 4)).toEqual([255, 255, 255]);
      expect(pixel(grid, 13, 15)).toEqual([255, 255, 255]);
      expect(svg).toContain('image-rendering:pixelated');
      expect(texts(svg)).toEqual(['sheet', 'first', 'second']);
    },
  );

  it('draws floating-point values outside 0…1 as the nearer end', () => {
    const set = { pixels: Float32Array.of(-0.5, 0.5, 1.5), count: 1, height: 1, width: 1 };
    const { svg } = imageSheet({
      title: '',
      rows: [{ label: 'a', cells: [{ images: set, index: 0 }] }],
      zoom: 64,
    });
    expect(pixel(embedded(svg).png, 5, 5)).toEqual([0, 128, 255]);
  });

  it('escapes its texts and finds room for a long title', () => {
    const set = images(1);
    const rows = [{ label: '<cat> & dog', cells: [{ images: set, index: 0 }] }];
    const { svg, png } = imageSheet({ title: 'A title far wider than the one small image', rows });
    expect(texts(svg)).toEqual(['A title far wider than the one small image', '<cat> & dog']);
    expect(decode(png).width).toBeGreaterThan(700);
  });

  it('refuses what it cannot draw', () => {
    const sheet = (set: ImageSet, index: number) => () =>
      imageSheet({ title: 'T', rows: [{ label: 'a', cells: [{ images: set, index }] }] });
    expect(sheet(images(2), 2)).toThrow('Expected the number of an image from 0 to 1, got 2');
    expect(sheet({ ...images(2), count: 3 }, 0)).toThrow('Expected 3×2×3×3 values');
    expect(() => imageSheet({ title: 'T', rows: [] })).toThrow('to draw "T", got none');
  });
});

describe('sheet by class', () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 2];
  const options = {
    title: 'classes',
    images: images(10),
    labels,
    classNames: ['even', 'odd', 'last'],
    seed: 5,
  };
  /** The numbers of the images in a row of a sheet. */
  const drawn = (svg: string, row: number): (number | null)[] => {
    const { png } = embedded(svg);
    return Array.from({ length: Math.round((png.width + 4) / 10) }, (_, column) => {
      // The last pixel of an image is [10 i, 20, 60].
      const [red, green, blue] = pixel(png, 10 * column + 5, 8 * row + 3);
      return green === 20 && blue === 60 ? red / 10 : null;
    });
  };

  it('draws images of the row’s class, each at most once, and leaves places empty', () => {
    const { svg } = classSheet({ ...options, samplesPerClass: 3 });
    const rows = [0, 1, 2].map((row) => drawn(svg, row));
    expect(rows[2]).toEqual([9, null, null]);
    for (const row of [0, 1]) {
      expect(new Set(rows[row]).size).toBe(3);
      for (const index of rows[row]) expect(labels[index ?? -1]).toBe(row);
    }
    expect(texts(svg)).toEqual(['classes', 'even', 'odd', 'last']);
  });

  it('draws the same images for the same seed, and others for another', () => {
    const sheet = (seed: number): string => classSheet({ ...options, samplesPerClass: 2, seed }).svg;
    expect(sheet(5)).toBe(sheet(5));
    expect(new Set([1, 2, 3, 4].map(sheet)).size).toBeGreaterThan(1);
  });

  it('refuses labels that do not fit', () => {
    expect(() => classSheet({ ...options, labels: [0], samplesPerClass: 1 })).toThrow(
      'got 1 labels of 10 images',
    );
    expect(() => classSheet({ ...options, classNames: ['a', 'b'], samplesPerClass: 1 })).toThrow(
      'got 2 for image 9',
    );
    expect(() => classSheet({ ...options, samplesPerClass: 0 })).toThrow(
      'at least one sample a class, got 0',
    );
  });
});

describe('sheet of variants', () => {
  it('draws the original first and its own variants after it', () => {
    const originals = images(2);
    const variants = { ...images(6, true), count: 6 };
    const { svg } = variantSheet({ title: 'strong', originals, variants, labels: ['cat', 'dog'] });
    expect(texts(svg)).toEqual(expect.arrayContaining(['strong', 'cat', 'dog', '2', '3']));
    const { png } = embedded(svg);
    const red = (row: number): number[] => [0, 20, 30, 40].map((left) => pixel(png, left, 8 * row)[0]);
    expect(red(0)).toEqual([0, 0, 10, 20]);
    expect(red(1)).toEqual([10, 30, 40, 50]);
  });

  it('refuses variants that cannot be divided among the originals', () => {
    const sheet = (originals: number, variants: number, labels: string[]) => () =>
      variantSheet({ title: 't', originals: images(originals), variants: images(variants), labels });
    expect(sheet(2, 3, ['a', 'b'])).toThrow('got 2 originals, 2 labels and 3 variants');
    expect(sheet(2, 0, ['a', 'b'])).toThrow('0 variants');
    expect(sheet(1, 3, [])).toThrow('0 labels');
    expect(sheet(0, 0, [])).toThrow('got 0 originals');
  });
});

describe('saving', () => {
  it('writes both forms and nothing else', () => {
    const folder = temporaryFolder();
    const picture = imageSheet({
      title: 't',
      rows: [{ label: 'a', cells: [{ images: images(1), index: 0 }] }],
    });
    const paths = savePicture(join(folder, 'new', 'run.v2'), picture);
    expect(readdirSync(join(folder, 'new')).sort()).toEqual(['run.v2.png', 'run.v2.svg']);
    expect(readFileSync(paths.svg, 'utf8')).toBe(picture.svg);
    expect(readFileSync(paths.png).subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    writeFileSync(join(folder, 'file'), '');
    expect(() => savePicture(join(folder, 'file', 'picture'), picture)).toThrow('Cannot write');
  });
});
