import { CIFAR10 } from '../dataset/cifar10.js';
import type { Dataset } from '../dataset/descriptor.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { loadTest } from '../dataset/load.js';

/** The data set that this program is about; everything else hears of it from here. */
export const DATASET: Dataset = CIFAR10;

/** The test images a command was asked to use. */
export function testSet({ dataDir, limitTest }: { dataDir: string; limitTest: number }): ImageSet {
  return loadTest(DATASET, { dataDir, limit: limitTest });
}
