import { CIFAR10 } from '../dataset/cifar10.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { loadTest, loadTrain } from '../dataset/load.js';

/** What is measured on unless a program says otherwise: the test images in `data`. */
export function defaultImages(): ImageSet {
  return loadTest(CIFAR10, { dataDir: 'data' });
}

/**
 * The images of CIFAR-10, from the files that `cifar download` has fetched and whose sums are checked: 50,000 for training and
 * 10,000 for tests, count × 32 × 32 × 3 bytes, and a class number (0 to 9) each.
 * @param options `dataDir`: the folder of the files; `limitTrain`, `limitTest`: only the first so many images, 0 for all
 * @throws CifarError naming the file that is missing or damaged
 */
export function loadCifar10({
  dataDir = 'data',
  limitTrain = 0,
  limitTest = 0,
}: { dataDir?: string; limitTrain?: number; limitTest?: number } = {}): { train: ImageSet; test: ImageSet } {
  return {
    train: loadTrain(CIFAR10, { dataDir, limit: limitTrain }),
    test: loadTest(CIFAR10, { dataDir, limit: limitTest }),
  };
}
