import { loadCifar10 } from '../dataset/cifar10.js';
import { type ImageSet, limit } from '../dataset/imageSet.js';

/** The test images a command was asked to use. */
export function testSet({ dataDir, limitTest }: { dataDir: string; limitTest: number }): ImageSet {
  const { test } = loadCifar10(dataDir);
  return limitTest > 0 ? limit(test, limitTest) : test;
}
