import { describe, expect, it } from 'vitest';
import { affineMatrix } from '../../../src/dataset/augment/affineMatrix.js';
import { channelShift } from '../../../src/dataset/augment/channelShift.js';
import { cutout } from '../../../src/dataset/augment/cutout.js';
import { horizontalFlip } from '../../../src/dataset/augment/horizontalFlip.js';
import {
  AUGMENT_PRESETS,
  createAugmenter,
  identityParameters,
  sampleParameters,
  type AugmentConfig,
} from '../../../src/dataset/augment/index.js';
import { warpAffine } from '../../../src/dataset/augment/warpAffine.js';
import { windowToFloats } from '../../../src/dataset/augment/windowToFloats.js';
import { CIFAR10 } from '../../../src/dataset/cifar10.js';
import type { ImageShape } from '../../../src/dataset/descriptor.js';
import { Rng, STREAM } from '../../../src/util/rng.js';

const { statistics } = CIFAR10;

function noise(length: number): Uint8Array {
  const rng = new Rng(11);
  return Uint8Array.from({ length }, () => rng.int(256));
}

function floats(length: number): Float32Array {
  return Float32Array.from(noise(length), (byte) => byte / 255);
}

describe('warpAffine', () => {
  // The textbook way: each output value is the sum of the four neighbours, each times its weight.
  function naive(src: Float32Array, height: number, width: number, m: Float64Array): Float32Array {
    const at = (i: number, j: number, c: number) =>
      src[(Math.min(i, height - 1) * width + Math.min(j, width - 1)) * 3 + c];
    const clamp = (x: number, high: number) => Math.min(Math.max(x, 0), high);
    const out: number[] = [];
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let c = 0; c < 3; c++) {
          const y = clamp(m[0] * i + m[1] * j + m[2], height - 1);
          const x = clamp(m[3] * i + m[4] * j + m[5], width - 1);
          const [y0, x0] = [Math.floor(y), Math.floor(x)];
          let sum = 0;
          for (const dy of [0, 1])
            for (const dx of [0, 1])
              sum += at(y0 + dy, x0 + dx, c) * (dy ? y - y0 : 1 - (y - y0)) * (dx ? x - x0 : 1 - (x - x0));
          out.push(sum);
        }
    return Float32Array.from(out);
  }

  it.each([
    [1, 1],
    [1, 7],
    [5, 1],
    [2, 3],
    [9, 14],
    [32, 32],
  ])('equals the naive loops on %i×%i', (height, width) => {
    const src = floats(height * width * 3);
    const matrix = new Float64Array(6);
    for (let index = 0; index < 20; index++) {
      const config = { ...AUGMENT_PRESETS.strong, rotationDegrees: 180 };
      const p = sampleParameters(config, 3, 0, index, STREAM.augment, height, width);
      affineMatrix(p, height, width, matrix);
      const dst = new Float32Array(src.length);
      warpAffine(src, 0, dst, 0, height, width, matrix);
      const expected = naive(src, height, width, matrix);
      let worst = 0;
      for (let k = 0; k < dst.length; k++) worst = Math.max(worst, Math.abs(dst[k] - expected[k]));
      expect(worst, JSON.stringify(p)).toBeLessThan(1e-6);
    }
  });
});

describe('channelShift', () => {
  it("clips to the image's own range over all channels, and touches no other image", () => {
    const image = Float32Array.from([9, 0.2, 0.5, 0.7, 0.3, 0.6, 0.4, 9]);
    channelShift(image, 1, 6, 0.25);
    const expected = [9, 0.45, 0.7, 0.7, 0.55, 0.7, 0.65, 9].map(Math.fround);
    image.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 6));
    channelShift(image, 1, 6, -1);
    expect(image.subarray(1, 7)).toEqual(new Float32Array(6).fill(image[1]));
  });
});

describe('horizontalFlip', () => {
  it.each([
    [1, 1],
    [2, 3],
    [3, 4],
  ])('mirrors %i×%i', (height, width) => {
    const image = floats(height * width * 3 + 6);
    const before = image.slice();
    horizontalFlip(image, 3, height, width);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++)
        for (let c = 0; c < 3; c++)
          expect(image[3 + (i * width + j) * 3 + c]).toBe(before[3 + (i * width + (width - 1 - j)) * 3 + c]);
    expect([...image.slice(0, 3), ...image.slice(-3)]).toEqual([...before.slice(0, 3), ...before.slice(-3)]);
  });
});

describe('cutout', () => {
  it.each([
    [0, 0, 1],
    [1, 2, 3],
    [4, 3, 2],
    [0, 0, 5],
  ])('fills the square at (%i, %i) of side %i and nothing else', (top, left, size) => {
    const image = floats(6 * 5 * 3 + 6);
    const before = image.slice();
    cutout(image, 3, 5, top, left, size, [0.25, 0.5, 0.75]);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 5; j++)
        for (let c = 0; c < 3; c++) {
          const isInside = i >= top && i < top + size && j >= left && j < left + size;
          const k = 3 + (i * 5 + j) * 3 + c;
          expect(image[k]).toBe(isInside ? [0.25, 0.5, 0.75][c] : before[k]);
        }
    expect([...image.slice(0, 3), ...image.slice(-3)]).toEqual([...before.slice(0, 3), ...before.slice(-3)]);
  });
});

describe('createAugmenter', () => {
  const shape: ImageShape = [6, 5, 3];
  const length = 90;
  const images = noise(3 * length);

  function run(augment: AugmentConfig, index: number): Float32Array {
    const dst = new Float32Array(length);
    const settings = { imageShape: shape, statistics, augment, seed: 5, stream: STREAM.augment };
    createAugmenter(settings).augment(images, index, 4, dst, 0);
    return dst;
  }

  it('only scales under none: exactly byte / 255 in float32', () => {
    const expected = Float32Array.from(images.subarray(length, 2 * length), (byte) => byte / 255);
    expect(run({}, 1)).toEqual(expected);
  });

  it('gives the same for settings that do nothing as for none', () => {
    const idle = { rotationDegrees: 0, zoom: [1, 1], channelShift: 0, horizontalFlip: 0 } as const;
    expect(run(idle, 2)).toEqual(run({}, 2));
  });

  it('applies what it draws', () => {
    const p = sampleParameters(AUGMENT_PRESETS.strong, 5, 4, 2, STREAM.augment, 6, 5);
    const augmenter = createAugmenter({ imageShape: shape, statistics, augment: {}, seed: 0, stream: 0 });
    const dst = new Float32Array(length);
    augmenter.apply(p, images, 2 * length, dst, 0);
    expect(run(AUGMENT_PRESETS.strong, 2)).toEqual(dst);
  });

  it('translates, then flips, then cuts out', () => {
    const p = {
      ...identityParameters(),
      ...{ translateRows: -2, translateColumns: 1, flip: true },
      ...{ cutoutSize: 2, cutoutTop: 3, cutoutLeft: 0 },
    };
    const augmenter = createAugmenter({ imageShape: shape, statistics, augment: {}, seed: 0, stream: 0 });
    const dst = new Float32Array(length);
    augmenter.apply(p, images, length, dst, 0);
    const expected = new Float32Array(length);
    windowToFloats(images, length, expected, 0, 6, 5, -2, 1);
    horizontalFlip(expected, 0, 6, 5);
    cutout(expected, 0, 5, 3, 0, 2, statistics.means);
    expect(dst).toEqual(expected);
  });

  it('translates before it warps', () => {
    const moved = { ...identityParameters(), translateRows: 1, translateColumns: -1, rotation: 0.3 };
    const augmenter = createAugmenter({ imageShape: shape, statistics, augment: {}, seed: 0, stream: 0 });
    const dst = new Float32Array(length);
    augmenter.apply(moved, images, 0, dst, 0);
    const window = new Float32Array(length);
    windowToFloats(images, 0, window, 0, 6, 5, 1, -1);
    const bytes = Uint8Array.from(window, (value) => Math.round(value * 255));
    const expected = new Float32Array(length);
    augmenter.apply({ ...identityParameters(), rotation: 0.3 }, bytes, 0, expected, 0);
    expect(dst).toEqual(expected);
  });

  it("leaves the training images' mean where it cut out", () => {
    const settings = {
      imageShape: [32, 32, 3] as const,
      statistics,
      augment: { cutout: 32 },
      seed: 1,
      stream: 3,
    };
    const dst = new Float32Array(3072).fill(NaN);
    createAugmenter(settings).augment(noise(3072), 0, 0, dst, 0);
    expect(dst).toEqual(dst.map((_, k) => statistics.means[k % 3]));
  });

  it('shows an image and its mirror image in turn under the alternating flip', () => {
    const [first, second, third] = [4, 5, 6].map((epoch) => {
      const dst = new Float32Array(length);
      const augment = { alternatingFlip: true } as const;
      createAugmenter({ imageShape: shape, statistics, augment, seed: 5, stream: 3 }).augment(
        images,
        1,
        epoch,
        dst,
        0,
      );
      return dst;
    });
    expect(third).toEqual(first);
    horizontalFlip(second, 0, 6, 5);
    expect(second).toEqual(first);
  });

  it('keeps no trace of the image before', () => {
    const settings = { imageShape: shape, statistics, augment: AUGMENT_PRESETS.strong, seed: 5, stream: 3 };
    const used = createAugmenter(settings);
    const dst = new Float32Array(length);
    for (const index of [2, 0, 1, 2]) used.augment(images, index, 4, dst, 0);
    expect(dst).toEqual(run(AUGMENT_PRESETS.strong, 2));
  });

  it('refuses images without three channels', () => {
    expect(() =>
      createAugmenter({ imageShape: [32, 32, 1], statistics, augment: {}, seed: 0, stream: 0 }),
    ).toThrow('Images must have three channels, but the shape is 32×32×1.');
  });

  it.each([{ translate: 5 }, { cutout: 6 }])('refuses images too small for %j', (augment) => {
    expect(() => createAugmenter({ imageShape: shape, statistics, augment, seed: 0, stream: 0 })).toThrow(
      /^Images of 6×5×3 are too small/,
    );
  });

  it('leaves its source as it was', () => {
    const before = images.slice();
    const p = { ...identityParameters(), flip: true, channelShift: 0.2 };
    const augmenter = createAugmenter({ imageShape: shape, statistics, augment: {}, seed: 0, stream: 0 });
    augmenter.apply(p, images, 0, new Float32Array(length), 0);
    expect(images).toEqual(before);
  });
});
