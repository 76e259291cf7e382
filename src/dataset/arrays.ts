import { readNpyIntegers } from '../io/npy.js';
import { CifarError } from '../util/errors.js';
import type { Dataset } from './descriptor.js';
import { type ImageSet, allocateImageSet } from './imageSet.js';

/**
 * Images and labels of another test set of the same classes (CIFAR-10.1, CIFAR-10-C, ciFAIR), from NumPy's files.
 * @param imagesPath count × height × width × channels bytes (u1)
 * @param labelsPath count class numbers, of any integer type
 * @throws CifarError naming the file, what was expected of it and what came
 */
export function loadArrays(dataset: Dataset, imagesPath: string, labelsPath: string): ImageSet {
  const images = readNpyIntegers(imagesPath);
  const [count, ...shape] = images.shape;
  const expected = dataset.imageShape.join(', ');
  if (shape.join(', ') !== expected || !(count > 0) || !(images.data instanceof Uint8Array)) {
    throw new CifarError(
      `${imagesPath}: expected images as an array of bytes (u1) of shape (n, ${expected}), got ${images.data instanceof Uint8Array ? 'bytes' : 'other numbers'} of shape (${images.shape.join(', ')}).`,
    );
  }
  const labels = readNpyIntegers(labelsPath);
  if (labels.data.length !== count) {
    throw new CifarError(
      `${labelsPath}: expected ${count} labels, one an image of ${imagesPath}, got an array of shape (${labels.shape.join(', ')}).`,
    );
  }
  const classes = dataset.classNames.length;
  const stray = labels.data.findIndex((label: number) => !(label >= 0 && label < classes));
  if (stray >= 0) {
    throw new CifarError(
      `${labelsPath}: expected class numbers from 0 to ${classes - 1}, got ${labels.data[stray]} at place ${stray}.`,
    );
  }
  const set = allocateImageSet(dataset, count);
  set.images.set(images.data);
  set.labels.set(labels.data);
  return set;
}
