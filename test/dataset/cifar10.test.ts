import { copyFileSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { channelStatistics } from '../../src/dataset/channelStatistics.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { canonicalFiles, imageBytes, recordBytes } from '../../src/dataset/descriptor.js';
import type { ImageSet } from '../../src/dataset/imageSet.js';
import { loadTest, loadTestLabels, loadTrain } from '../../src/dataset/load.js';
import { findFaults } from '../../src/dataset/verify.js';
import { CifarError } from '../../src/util/errors.js';
import { temporaryFolder } from '../helpers/folders.js';

const FILES = canonicalFiles(CIFAR10);

/** Everything there is. */
function load(dataDir: string): void {
  loadTrain(CIFAR10, { dataDir });
  loadTest(CIFAR10, { dataDir });
}

const dataDir = join(import.meta.dirname, '..', '..', 'data');
const present = findFaults(CIFAR10, dataDir).length === 0;

describe('a folder without a whole data set', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });

  test('missing', () => {
    expect(() => load(folder)).toThrow(CifarError);
    expect(() => load(folder)).toThrow(/data_batch_1\.bin is missing\. Run: cifar download/);
    expect(() => load(join(folder, 'none'))).toThrow(/is missing\. Run: cifar download/);
  });

  test('of a wrong size', () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.alloc(1000));
    expect(() => load(folder)).toThrow(/data_batch_1\.bin is damaged: expected 30730000 bytes, found 1000/);
  });

  test('of a wrong sum', () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.alloc(30_730_000));
    expect(() => load(folder)).toThrow(/data_batch_1\.bin is damaged: expected SHA-256 cee9165/);
  });

  test.skipIf(!present)('a file is summed again when it has changed, and only then', () => {
    const path = join(folder, 'test_batch.bin');
    copyFileSync(join(dataDir, 'test_batch.bin'), path);
    const load = () => loadTest(CIFAR10, { dataDir: folder, limit: 1 });
    load();
    const remembered = JSON.parse(readFileSync(join(folder, 'verified.json'), 'utf8')) as object;
    expect(Object.keys(remembered)).toEqual(['test_batch.bin']);
    // What is remembered is written whenever a sum was computed.
    const writtenAt = () => statSync(join(folder, 'verified.json'), { bigint: true }).mtimeNs;
    const before = writtenAt();
    load();
    expect(writtenAt()).toBe(before);
    // Rubbish where the sums are remembered counts as nothing.
    writeFileSync(join(folder, 'verified.json'), 'null');
    load();
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    expect(load).toThrow(/test_batch\.bin is damaged: expected SHA-256 8e2eb146/);
  });

  test.skipIf(!present)('with the last file altered (needs the data set)', () => {
    for (const { name } of FILES.slice(0, 5)) symlinkSync(join(dataDir, name), join(folder, name));
    const bytes = readFileSync(join(dataDir, 'test_batch.bin'));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(folder, 'test_batch.bin'), bytes);
    expect(() => load(folder)).toThrow(/test_batch\.bin is damaged: expected SHA-256 8e2eb146/);
  });
});

describe.skipIf(!present)('the real data set (needs `cifar download`)', () => {
  let data: { train: ImageSet; test: ImageSet };
  beforeAll(() => {
    data = { train: loadTrain(CIFAR10, { dataDir }), test: loadTest(CIFAR10, { dataDir }) };
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
    FILES.forEach(({ name }, k) => {
      const records = readFileSync(join(dataDir, name));
      const set = name === 'test_batch.bin' ? data.test : data.train;
      for (const i of [0, 1, 4567, 9999]) {
        const index = name === 'test_batch.bin' ? i : k * 10_000 + i;
        expect(set.labels[index]).toBe(records[i * recordBytes(CIFAR10)]);
        const expected = new Uint8Array(imageBytes(CIFAR10));
        for (let y = 0; y < 32; y++) {
          for (let x = 0; x < 32; x++) {
            for (let c = 0; c < 3; c++) {
              expected[(y * 32 + x) * 3 + c] = records[i * recordBytes(CIFAR10) + 1 + c * 1024 + y * 32 + x];
            }
          }
        }
        const found = set.images.slice(index * imageBytes(CIFAR10), (index + 1) * imageBytes(CIFAR10));
        expect(Buffer.from(found).equals(expected)).toBe(true);
      }
    });
  });

  test('only the images asked for are held, the same as among all', () => {
    const few = loadTrain(CIFAR10, { dataDir, limit: 10_003 });
    expect(few.images.buffer.byteLength).toBe(10_003 * imageBytes(CIFAR10));
    const isStartOf = (part: Uint8Array, whole: Uint8Array) =>
      Buffer.compare(part, whole.subarray(0, part.length)) === 0;
    expect(isStartOf(few.images, data.train.images)).toBe(true);
    expect(isStartOf(few.labels, data.train.labels)).toBe(true);
    const labels = loadTestLabels(CIFAR10, { dataDir, limit: 9_000 });
    expect(labels.count).toBe(9_000);
    expect(isStartOf(labels.labels, data.test.labels)).toBe(true);
    expect(() => loadTest(CIFAR10, { dataDir, limit: 10_001 })).toThrow(
      '--limit-test: expected at most the 10,000 test images there are, got 10001.',
    );
  });

  test('means and deviations are the constants', () => {
    const { means, deviations } = channelStatistics(data.train);
    means.forEach((mean, c) => expect(Math.abs(mean - CIFAR10.statistics.means[c])).toBeLessThan(1e-7));
    deviations.forEach((deviation, c) =>
      expect(Math.abs(deviation - CIFAR10.statistics.deviations[c])).toBeLessThan(1e-7),
    );
  });
});
