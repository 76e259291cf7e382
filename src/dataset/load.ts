import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { CifarError, UsageError, messageOf } from '../util/errors.js';
import { type CanonicalFile, type Dataset, recordBytes } from './descriptor.js';
import { type ImageSet, type LabelSet, allocateImageSet } from './imageSet.js';
import { verify } from './verify.js';
import { grouped } from '../util/grouped.js';

/** Which part of a data set is wanted, and where it lies. */
export interface LoadOptions {
  /** The folder that `cifar download` filled. */
  readonly dataDir: string;
  /** Only the first so many images; 0 for all. */
  readonly limit?: number;
}

/**
 * The training images of a data set, from files whose size and SHA-256 sum are checked.
 * @throws CifarError naming the file that is missing or damaged; UsageError when there are fewer images than asked for
 */
export function loadTrain(dataset: Dataset, options: LoadOptions): ImageSet {
  return load(dataset, dataset.trainFiles, '--limit-train', 'training', options);
}

/** The test images of a data set; as `loadTrain`. */
export function loadTest(dataset: Dataset, options: LoadOptions): ImageSet {
  return load(dataset, dataset.testFiles, '--limit-test', 'test', options);
}

/** The labels of the test images alone; as `loadTrain`. */
export function loadTestLabels(dataset: Dataset, options: LoadOptions): LabelSet {
  const { testFiles } = dataset;
  const count = countOf(testFiles, '--limit-test', 'test', options);
  const labels = new Uint8Array(count);
  const size = recordBytes(dataset);
  forEachPart(dataset, testFiles, options.dataDir, count, (records, first) => {
    for (let label = 0, image = first; label < records.length; label += size, image++) {
      labels[image] = records[label];
    }
  });
  return { dataset, labels, count };
}

function load(
  dataset: Dataset,
  files: readonly CanonicalFile[],
  flag: string,
  kind: string,
  options: LoadOptions,
): ImageSet {
  const set = allocateImageSet(dataset, countOf(files, flag, kind, options));
  forEachPart(dataset, files, options.dataDir, set.count, (records, first) => unpack(records, set, first));
  return set;
}

/** How many images are wanted. @throws UsageError when there are fewer */
function countOf(
  files: readonly CanonicalFile[],
  flag: string,
  kind: string,
  { limit = 0 }: LoadOptions,
): number {
  const available = files.reduce((sum, { images }) => sum + images, 0);
  if (!(limit <= available)) {
    throw new UsageError(
      `${flag}: expected at most the ${grouped(available)} ${kind} images there are, got ${limit}.`,
    );
  }
  return limit === 0 ? available : limit;
}

/** Calls `take` with the records of each file, as far as they are wanted, and the number of their first image. */
function forEachPart(
  dataset: Dataset,
  files: readonly CanonicalFile[],
  dataDir: string,
  wanted: number,
  take: (records: Uint8Array, firstImage: number) => void,
): void {
  let first = 0;
  for (const file of files) {
    const count = Math.min(file.images, wanted - first);
    if (count === 0) break;
    verify(dataset, dataDir, file);
    take(readRecords(join(dataDir, file.name), count * recordBytes(dataset)), first);
    first += count;
  }
}

/** The first bytes of a file. */
function readRecords(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  try {
    const fd = openSync(path, 'r');
    try {
      for (let done = 0; done < size;) {
        const read = readSync(fd, bytes, done, size - done, done);
        if (read === 0) throw new Error('it has become shorter');
        done += read;
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return bytes;
}

/**
 * Unpacks records — label, then three colour planes — into NHWC images from `firstImage` on. Four pixels become three
 * 32-bit words (little-endian, as all of this program's platforms are): six times as fast as stores of single bytes.
 */
function unpack(records: Uint8Array, set: ImageSet, firstImage: number): void {
  const b = records;
  const [height, width] = set.dataset.imageShape;
  const plane = height * width;
  const words = new Uint32Array(set.images.buffer);
  const size = recordBytes(set.dataset);
  let out = (firstImage * (size - 1)) / 4;
  for (let label = 0, image = firstImage; label < b.length; label += size, image++) {
    set.labels[image] = b[label];
    const end = label + 1 + plane;
    for (let red = label + 1; red < end; red += 4) {
      const green = red + plane;
      const blue = green + plane;
      words[out] = b[red] | (b[green] << 8) | (b[blue] << 16) | (b[red + 1] << 24);
      words[out + 1] = b[green + 1] | (b[blue + 1] << 8) | (b[red + 2] << 16) | (b[green + 2] << 24);
      words[out + 2] = b[blue + 2] | (b[red + 3] << 8) | (b[green + 3] << 16) | (b[blue + 3] << 24);
      out += 3;
    }
  }
}
