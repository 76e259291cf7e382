import { describe, expect, test } from 'vitest';
import { allocateImageSet, limit, select, splitValidation } from '../../src/dataset/imageSet.js';
import { channelStatistics } from '../../src/dataset/channelStatistics.js';
import { UsageError } from '../../src/util/errors.js';
import { Rng } from '../../src/util/rng.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { IMAGE_BYTES } from '../helpers/data.js';

/** Images whose pixels are all their own index, with labels of uneven counts. */
function numbered(count: number) {
  const set = allocateImageSet(CIFAR10, count);
  for (let i = 0; i < count; i++) {
    set.images.fill(i, i * IMAGE_BYTES, (i + 1) * IMAGE_BYTES);
    set.labels[i] = i % 7 === 0 ? 9 : i % 10;
  }
  return set;
}

const indices = (set: { images: Uint8Array; count: number }) =>
  Array.from({ length: set.count }, (_, i) => set.images[i * IMAGE_BYTES]);

test('limit takes the first images, without a copy', () => {
  const set = numbered(50);
  const few = limit(set, 20);
  expect(few.count).toBe(20);
  expect(few.images.length).toBe(20 * IMAGE_BYTES);
  expect(indices(few)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(few.labels).toEqual(set.labels.subarray(0, 20));
  expect(few.images.buffer).toBe(set.images.buffer);
  for (const n of [0, -1, 51, 2.5, NaN]) expect(() => limit(set, n)).toThrow(UsageError);
});

test('select copies images and labels in the order given', () => {
  const set = numbered(10);
  const chosen = select(set, [7, 2, 2]);
  expect(indices(chosen)).toEqual([7, 2, 2]);
  expect(Array.from(chosen.labels)).toEqual([set.labels[7], set.labels[2], set.labels[2]]);
  expect(chosen.images.buffer).toBeInstanceOf(SharedArrayBuffer);
});

describe('splitValidation', () => {
  const set = numbered(250);

  test('shares out every image once, keeps the order, and takes the same part of each class', () => {
    const { train, validation } = splitValidation(set, 0.2, 1);
    const both = [...indices(train), ...indices(validation)].sort((a, b) => a - b);
    expect(both).toEqual(Array.from({ length: 250 }, (_, i) => i));
    for (const part of [train, validation]) {
      expect(indices(part)).toEqual([...indices(part)].sort((a, b) => a - b));
      indices(part).forEach((index, i) => expect(part.labels[i]).toBe(set.labels[index]));
    }
    for (let label = 0; label < 10; label++) {
      const count = (labels: Uint8Array) => labels.filter((each) => each === label).length;
      expect(count(validation.labels)).toBe(Math.round(count(set.labels) * 0.2));
    }
  });

  test('depends on the seed alone', () => {
    const held = (seed: number) => indices(splitValidation(set, 0.1, seed).validation);
    expect(held(5)).toEqual(held(5));
    expect(held(5)).not.toEqual(held(6));
  });

  test('every image is held out about equally often', () => {
    const times = new Array<number>(250).fill(0);
    for (let seed = 0; seed < 200; seed++) {
      for (const index of indices(splitValidation(set, 0.5, seed).validation)) times[index]++;
    }
    // 200 draws at one half: five standard deviations are 35; odd classes round by half an image.
    expect(Math.min(...times)).toBeGreaterThan(60);
    expect(Math.max(...times)).toBeLessThan(140);
  });

  test('fractions that make no sense are refused', () => {
    for (const fraction of [0, 1, -0.1, 1.5, NaN]) {
      expect(() => splitValidation(set, fraction, 1)).toThrow(/must lie between 0 and 1/);
    }
    expect(() => splitValidation(set, 0.001, 1)).toThrow(/leaves 250 of 250 images for training and 0/);
  });
});

test('channel statistics agree with plain sums', () => {
  const set = allocateImageSet(CIFAR10, 4);
  const rng = new Rng(3);
  for (let i = 0; i < set.images.length; i++) set.images[i] = rng.int(256);
  const { means, deviations } = channelStatistics(set);
  for (let c = 0; c < 3; c++) {
    const values = Array.from(
      set.images.filter((_, i) => i % 3 === c),
      (value) => value / 255,
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(means[c]).toBeCloseTo(mean, 12);
    expect(deviations[c]).toBeCloseTo(Math.sqrt(variance), 12);
  }
});
