import { CIFAR10 } from '../dataset/cifar10.js';
import type { Dataset } from '../dataset/descriptor.js';
import type { ImageSet, LabelSet } from '../dataset/imageSet.js';
import { loadTest, loadTestLabels } from '../dataset/load.js';

/** The data set that this program is about; everything else hears of it from here. */
export const DATASET: Dataset = CIFAR10;

/** The test images a command was asked to use. */
export function testSet({ dataDir, limitTest }: { dataDir: string; limitTest: number }): ImageSet {
  return loadTest(DATASET, { dataDir, limit: limitTest });
}

/** The labels of the test images that a command was asked to use. */
export function testLabels({ dataDir, limitTest }: { dataDir: string; limitTest: number }): LabelSet {
  return loadTestLabels(DATASET, { dataDir, limit: limitTest });
}
