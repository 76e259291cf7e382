import { basename } from 'node:path';
import type { LabelSet } from '../dataset/imageSet.js';
import { readNpy } from '../io/npy.js';
import { CifarError } from '../util/errors.js';

/** One model's answers: probabilities, count × classes, row-major. */
export interface Member {
  name: string;
  path: string;
  probabilities: ArrayLike<number>;
}

/**
 * Reads a member's array.
 * @param test the images it must answer
 * @throws CifarError naming the file and what is wrong with it
 */
export function readMember(path: string, { count, dataset }: Pick<LabelSet, 'count' | 'dataset'>): Member {
  const { shape, data } = readNpy(path);
  const classes = dataset.classNames.length;
  if (shape.length !== 2 || shape[0] !== count || shape[1] !== classes) {
    throw new CifarError(
      `${path}: expected an array of shape (${count}, ${classes}), one row a test image, got (${shape.join(', ')}).` +
        (shape.length === 2 && shape[1] === classes
          ? ` For predictions of the first images only, give --limit-test ${shape[0]}.`
          : ''),
    );
  }
  for (let i = 0; i < data.length; i++) {
    if (!(data[i] >= 0 && data[i] <= 1 + 1e-3)) {
      throw new CifarError(
        `${path}: expected probabilities between 0 and 1, got ${data[i]} at row ${Math.floor(i / classes)}, column ${i % classes}.`,
      );
    }
  }
  return { name: basename(path).replace(/\.npy$/, ''), path, probabilities: data };
}
