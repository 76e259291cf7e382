import { loadArrays } from '../dataset/arrays.js';
import { type ImageSet, limit } from '../dataset/imageSet.js';
import { DATASET } from './data.js';

/** Another test set, from two files, as far as a command was asked to use it. */
export function arraySet(images: string, labels: string, { limitTest }: { limitTest: number }): ImageSet {
  const set = loadArrays(DATASET, images, labels);
  return limitTest > 0 ? limit(set, limitTest) : set;
}
