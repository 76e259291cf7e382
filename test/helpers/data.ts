import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { imageBytes } from '../../src/dataset/descriptor.js';
import type { ImageSet } from '../../src/dataset/imageSet.js';
import { loadTest, loadTrain } from '../../src/dataset/load.js';
import { DATA_DIR } from './folders.js';

/** Bytes of an image of CIFAR-10. */
export const IMAGE_BYTES = imageBytes(CIFAR10);

/** The first real training images, or all. */
export const trainImages = (limit = 0): ImageSet => loadTrain(CIFAR10, { dataDir: DATA_DIR, limit });

/** The first real test images, or all. */
export const testImages = (limit = 0): ImageSet => loadTest(CIFAR10, { dataDir: DATA_DIR, limit });
