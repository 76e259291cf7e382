import { basename } from 'node:path';
import type { LabelSet } from '../dataset/imageSet.js';
import { checkPredictionSum } from '../evaluation/predictionFile.js';
import { readNpy } from '../io/npy.js';
import { CifarError } from '../util/errors.js';

/** One model's answers: probabilities, count × classes, row-major. */
export interface Member {
  name: string;
  path: string;
  probabilities: ArrayLike<number>;
}

/** What rounding to 16 bits, or averaging, may take a row's sum from 1. */
const SUM_TOLERANCE = 0.01;

/**
 * Reads a member's array.
 * @param test the images it must answer
 * @throws CifarError naming the file and what is wrong with it
 */
export function readMember(path: string, { count, dataset }: Pick<LabelSet, 'count' | 'dataset'>): Member {
  const { shape, data } = readNpy(path);
  checkPredictionSum(path);
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
  for (let start = 0; start < data.length; start += classes) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += data[start + c];
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new CifarError(
        `${path}: expected probabilities that sum up to 1 in each row, got ${sum} in row ${start / classes}. Logits, scores and labels cannot be averaged: give the network's softmax.`,
      );
    }
  }
  return { name: basename(path).replace(/\.npy$/, ''), path, probabilities: data };
}
