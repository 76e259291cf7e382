import { IMAGES_PER_FILE, RECORD_BYTES, TEST_FILE, TRAIN_FILES } from './source.js';
import type { CanonicalFile } from './source.js';
import { IMAGE_BYTES, IMAGE_CHANNELS, allocateImageSet, type ImageSet } from './imageSet.js';
import { readVerified } from './verify.js';

export * from './imageSet.js';

/** Pixels of one colour plane. */
const PLANE = IMAGE_BYTES / IMAGE_CHANNELS;

/** Unpacks the records of one file — label, then three colour planes — into NHWC images from `firstImage` on. */
function unpack(records: Uint8Array, set: ImageSet, firstImage: number): void {
  const { images, labels } = set;
  for (let i = 0; i < IMAGES_PER_FILE; i++) {
    const red = i * RECORD_BYTES + 1;
    const green = red + PLANE;
    const blue = green + PLANE;
    labels[firstImage + i] = records[red - 1];
    let out = (firstImage + i) * IMAGE_BYTES;
    for (let p = 0; p < PLANE; p++) {
      images[out++] = records[red + p];
      images[out++] = records[green + p];
      images[out++] = records[blue + p];
    }
  }
}

/** The images of some canonical files, in order. */
function loadFiles(dataDir: string, files: readonly CanonicalFile[]): ImageSet {
  const set = allocateImageSet(files.length * IMAGES_PER_FILE);
  files.forEach((file, k) => unpack(readVerified(dataDir, file), set, k * IMAGES_PER_FILE));
  return set;
}

/**
 * Loads CIFAR-10 from the six canonical files; every file's size and SHA-256 sum are checked.
 * @param dataDir the folder `cifar download` filled
 * @returns 50,000 training and 10,000 test images
 * @throws CifarError naming the file that is missing or damaged
 */
export function loadCifar10(dataDir: string): { train: ImageSet; test: ImageSet } {
  return { train: loadFiles(dataDir, TRAIN_FILES), test: loadFiles(dataDir, [TEST_FILE]) };
}
