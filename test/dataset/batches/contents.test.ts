import { describe, expect, it } from 'vitest';
import { AUGMENT_PRESETS, createAugmenter } from '../../../src/dataset/augment/index.js';
import { batchCount, createBatchSource } from '../../../src/dataset/batches/index.js';
import { drawMixing, mixBatch } from '../../../src/dataset/mixing/index.js';
import { UsageError } from '../../../src/util/errors.js';
import { STREAM } from '../../../src/util/rng.js';
import { collect, images, labels, LENGTH, options, order, withSource } from './helpers.js';

describe('what the batches hold', () => {
  it.each([0, 1])('is the images, labels and indices in order, with %i workers', (workers) =>
    withSource({ workers, augment: {} }, async (source) => {
      const all = await collect(source.batches(0, order));
      expect(all.map((batch) => batch.labels.length)).toEqual([5, 5, 5, 5, 3]);
      all.forEach((batch, b) => {
        const indices = order.slice(b * 5, b * 5 + 5);
        expect(batch.indices).toEqual(indices);
        expect(batch.labels).toEqual(Uint8Array.from(indices, (index) => labels[index]));
        const pixels = [...indices].flatMap((index) => [
          ...images.subarray(index * LENGTH, (index + 1) * LENGTH),
        ]);
        expect(batch.images).toEqual(Float32Array.from(pixels, (byte) => byte / 255));
      });
    }),
  );

  it('is the same, bit for bit, whatever the number of workers and the size of the ring', async () => {
    const settings = { augment: AUGMENT_PRESETS.strong };
    const reference = await collect(createBatchSource(options(settings)).batches(3, order));
    for (const [workers, ringSize] of [
      [1, 1],
      [2, 6],
      [3, 2],
    ]) {
      await withSource({ ...settings, workers, ringSize }, async (source) => {
        expect(await collect(source.batches(3, order)), `${workers} workers`).toEqual(reference);
      });
    }
  });

  it.each([{ mixup: 0.4 }, { cutmix: 1 }, { mixup: 0.4, cutmix: 1 }])(
    'is mixed by seed, epoch and step alone: %j',
    async (mixing) => {
      const augment = { ...AUGMENT_PRESETS.strong, ...mixing };
      const plain = await collect(createBatchSource(options()).batches(3, order));
      const reference = await collect(createBatchSource(options({ augment })).batches(3, order));
      expect(plain.every((batch) => batch.mixing === undefined)).toBe(true);
      reference.forEach((batch, step) => {
        const expected = plain[step].images.slice();
        const drawn = drawMixing(augment, 1, 3, step, [4, 5, 3]);
        if (!drawn) throw new Error('expected a mixing');
        mixBatch(expected, batch.labels.length, [4, 5, 3], drawn);
        expect(batch.images).toEqual(expected);
        expect(batch.labels).toEqual(plain[step].labels);
        expect(batch.mixing?.weight).toBe(drawn.weight);
      });
      for (const workers of [1, 2, 3]) {
        await withSource({ augment, workers }, async (source) => {
          expect(await collect(source.batches(3, order)), `${workers} workers`).toEqual(reference);
          // Going on in the middle of an epoch.
          expect(await collect(source.batches(3, order, 2))).toEqual(reference.slice(2));
        });
      }
    },
  );

  it("depends on seed, stream and epoch, and not on an image's place in the order", async () => {
    const imageOf = async (index: number, changed = {}, epoch = 0, images_ = order) => {
      for (const batch of await collect(createBatchSource(options(changed)).batches(epoch, images_))) {
        const k = batch.indices.indexOf(index);
        if (k >= 0) return batch.images.slice(k * LENGTH, (k + 1) * LENGTH);
      }
      throw new Error('not found');
    };
    const base = await imageOf(7);
    expect(await imageOf(7, {}, 0, order.slice().reverse())).toEqual(base);
    expect(await imageOf(7, { batchSize: 23 }, 0)).toEqual(base);
    expect(await imageOf(7, {}, 1)).not.toEqual(base);
    expect(await imageOf(7, { seed: 2 })).not.toEqual(base);
    expect(await imageOf(7, { stream: STREAM.testTimeAugment })).not.toEqual(base);

    const expected = new Float32Array(LENGTH);
    createAugmenter(options()).augment(images, 7, 0, expected, 0);
    expect(base).toEqual(expected);
  });

  it('leaves out a partial batch if told to, and the first ones', () =>
    withSource({ workers: 1, dropLast: true }, async (source) => {
      const all = await collect(source.batches(0, order));
      expect(all.map((batch) => batch.labels.length)).toEqual([5, 5, 5, 5]);
      expect(await collect(source.batches(0, order, 2))).toEqual(all.slice(2));
      expect(await collect(source.batches(0, order, 4))).toEqual([]);
      expect(await collect(source.batches(0, new Uint32Array(0)))).toEqual([]);
    }));

  it('may name an image more than once, and some never', () =>
    withSource({ augment: {} }, async (source) => {
      const [batch] = await collect(source.batches(0, Uint32Array.of(4, 4, 9)));
      expect(batch.images.slice(0, LENGTH)).toEqual(batch.images.slice(LENGTH, 2 * LENGTH));
      expect(batch.labels).toEqual(Uint8Array.of(labels[4], labels[4], labels[9]));
    }));

  it('keeps the order as it was at the call', () =>
    withSource({ workers: 1, ringSize: 2 }, async (source) => {
      const mine = order.slice();
      const batches = source.batches(0, mine);
      mine.fill(0);
      const all = await collect(batches);
      expect(all.flatMap((batch) => [...batch.indices])).toEqual([...order]);
    }));
});

describe('batchCount', () => {
  it('counts', () => {
    expect(batchCount(50_000, 500)).toBe(100);
    expect(batchCount(23, 5)).toBe(5);
    expect(batchCount(23, 5, true)).toBe(4);
    expect(batchCount(0, 5)).toBe(0);
  });
});

describe('createBatchSource refuses', () => {
  it.each([{ mixup: 1 }, { cutmix: 1 }])('to mix images at test time: %j', (augment) => {
    const make = () => createBatchSource(options({ augment, stream: STREAM.testTimeAugment }));
    expect(make).toThrow(UsageError);
    expect(make).toThrow('An augmentation with mixup or cutmix is for training only');
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize must be an integer from 1, but is 0.'],
    [{ workers: -1 }, 'workers must be an integer from 0, but is -1.'],
    [{ ringSize: 1.5 }, 'ringSize must be an integer from 1, but is 1.5.'],
    [{ labels: labels.slice(1) }, '22 labels need 1320 bytes of images of 4×5×3, but there are 1380.'],
    [{ images: images.slice(), workers: 1 }, 'With workers, images must lie on a SharedArrayBuffer.'],
  ])('%j', (changed, message) => {
    expect(() => createBatchSource(options(changed))).toThrow(message);
  });

  it('an order or a first batch outside the set', () =>
    withSource({}, async (source) => {
      expect(() => source.batches(0, Uint32Array.of(1, 23))).toThrow(
        'The order names image 23, but there are 23 images.',
      );
      expect(() => source.batches(0, order, 6)).toThrow(
        'firstBatch must be an integer from 0 to 5, but is 6.',
      );
      expect(() => source.batches(0, order, -1)).toThrow(RangeError);
      await Promise.resolve();
    }));
});
