import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IMAGE_BYTES, loadCifar10, type ImageSet } from '../../src/dataset/cifar10.js';
import { TRAIN_STATISTICS, channelStatistics } from '../../src/dataset/normalize.js';
import { CANONICAL_FILES, RECORD_BYTES } from '../../src/dataset/source.js';
import { findFaults } from '../../src/dataset/verify.js';
import { CifarError } from '../../src/util/errors.js';

const dataDir = join(import.meta.dirname, '..', '..', 'data');
const present = findFaults(dataDir).length === 0;

describe('a folder without a whole data set', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cifar-data-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('missing', () => {
    expect(() => loadCifar10(folder)).toThrow(CifarError);
    expect(() => loadCifar10(folder)).toThrow(/data_batch_1\.bin is missing\. Run: cifar download/);
    expect(() => loadCifar10(join(folder, 'none'))).toThrow(/is missing\. Run: cifar download/);
  });

  test('of a wrong size', () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.alloc(1000));
    expect(() => loadCifar10(folder)).toThrow(
      /data_batch_1\.bin is damaged: expected 30730000 bytes, found 1000/,
    );
  });

  test('of a wrong sum', () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.alloc(30_730_000));
    expect(() => loadCifar10(folder)).toThrow(/data_batch_1\.bin is damaged: expected SHA-256 cee9165/);
  });

  test.skipIf(!present)('with the last file altered (needs the data set)', () => {
    for (const { name } of CANONICAL_FILES.slice(0, 5)) symlinkSync(join(dataDir, name), join(folder, name));
    const bytes = readFileSync(join(dataDir, 'test_batch.bin'));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(folder, 'test_batch.bin'), bytes);
    expect(() => loadCifar10(folder)).toThrow(/test_batch\.bin is damaged: expected SHA-256 8e2eb146/);
  });
});

describe.skipIf(!present)('the real data set (needs `cifar download`)', () => {
  let data: { train: ImageSet; test: ImageSet };
  beforeAll(() => {
    data = loadCifar10(dataDir);
  });

  test('sizes, shared memory, and 5,000 + 1,000 images of each class', () => {
    expect([data.train.count, data.test.count]).toEqual([50_000, 10_000]);
    for (const [set, perClass] of [
      [data.train, 5000],
      [data.test, 1000],
    ] as const) {
      expect(set.images.length).toBe(set.count * 3072);
      expect(set.images.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(set.labels.buffer).toBeInstanceOf(SharedArrayBuffer);
      const counts = new Array<number>(10).fill(0);
      for (const label of set.labels) counts[label]++;
      expect(counts).toEqual(new Array<number>(10).fill(perClass));
    }
  });

  test('every pixel stands where the file has it', () => {
    // The first, a middle and the last image of each file, channel by channel.
    CANONICAL_FILES.forEach(({ name }, k) => {
      const records = readFileSync(join(dataDir, name));
      const set = name === 'test_batch.bin' ? data.test : data.train;
      for (const i of [0, 1, 4567, 9999]) {
        const index = name === 'test_batch.bin' ? i : k * 10_000 + i;
        expect(set.labels[index]).toBe(records[i * RECORD_BYTES]);
        const expected = new Uint8Array(IMAGE_BYTES);
        for (let y = 0; y < 32; y++) {
          for (let x = 0; x < 32; x++) {
            for (let c = 0; c < 3; c++) {
              expected[(y * 32 + x) * 3 + c] = records[i * RECORD_BYTES + 1 + c * 1024 + y * 32 + x];
            }
          }
        }
        const found = set.images.slice(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES);
        expect(Buffer.from(found).equals(expected)).toBe(true);
      }
    });
  });

  test('means and deviations are the constants', () => {
    const { means, deviations } = channelStatistics(data.train);
    means.forEach((mean, c) => expect(Math.abs(mean - TRAIN_STATISTICS.means[c])).toBeLessThan(1e-7));
    deviations.forEach((deviation, c) =>
      expect(Math.abs(deviation - TRAIN_STATISTICS.deviations[c])).toBeLessThan(1e-7),
    );
  });
});
