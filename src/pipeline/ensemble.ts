import { basename } from 'node:path';
import { CLASS_NAMES, type ImageSet } from '../dataset/imageSet.js';
import { readNpy } from '../io/npy.js';
import { CifarError, UsageError } from '../util/errors.js';
import { argMaxRows, classAccuracy } from './metrics.js';

/** One model's answers: probabilities, count × 10, row-major. */
export interface Member {
  name: string;
  path: string;
  probabilities: ArrayLike<number>;
}

export type MeanKind = 'arithmetic' | 'geometric';

export interface EnsembleResult {
  members: { name: string; path: string; accuracy: number; weight: number }[];
  /** Mean of the members' accuracies, 0 to 1. */
  meanAccuracy: number;
  /** Share of images two members answer differently, for each pair; the diagonal is 0. */
  disagreement: number[][];
  /** Mean accuracy of the ensembles of 1, 2, … members (all of a size, or as many as are tried). */
  accuracyBySize: number[];
  mean: MeanKind;
  accuracy: number;
  probabilities: Float32Array;
}

/** Subsets of one size that are tried for the accuracy by size. */
const MAX_SUBSETS = 300;

/**
 * Reads a member's array.
 * @param count images it must answer
 * @throws CifarError naming the file and what is wrong with it
 */
export function readMember(path: string, count: number): Member {
  const { shape, data } = readNpy(path);
  const classes = CLASS_NAMES.length;
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

/**
 * Averages the prediction arrays of a test set, and measures them.
 * @param weights one a member; none for equal weights
 * @throws as `readMember` and `ensemble` do
 */
export function averagePredictions(
  paths: readonly string[],
  test: ImageSet,
  mean: MeanKind = 'arithmetic',
  weights: readonly number[] = [],
): EnsembleResult {
  const members = paths.map((path) => readMember(path, test.count));
  return ensemble(members, test.labels, { mean, ...(weights.length > 0 && { weights }) });
}

/** The mean of members' probabilities: weighted arithmetic, or weighted geometric (scaled to sum 1 a row). */
export function combine(
  members: readonly Member[],
  weights: readonly number[],
  mean: MeanKind,
): Float32Array {
  const length = members[0].probabilities.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Float64Array(length);
  members.forEach(({ probabilities }, m) => {
    const share = weights[m] / total;
    for (let i = 0; i < length; i++) {
      const value = probabilities[i];
      result[i] += share * (mean === 'arithmetic' ? value : Math.log(Math.max(value, 1e-12)));
    }
  });
  if (mean === 'geometric') normalizeLogarithms(result, CLASS_NAMES.length);
  return Float32Array.from(result);
}

function normalizeLogarithms(values: Float64Array, classes: number): void {
  for (let start = 0; start < values.length; start += classes) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += values[start + c] = Math.exp(values[start + c]);
    for (let c = 0; c < classes; c++) values[start + c] /= sum;
  }
}

/** Averages members and measures them, alone and together. */
export function ensemble(
  members: readonly Member[],
  labels: Uint8Array,
  options: { mean: MeanKind; weights?: readonly number[] },
): EnsembleResult {
  const weights = options.weights ?? members.map(() => 1);
  if (weights.length !== members.length) {
    throw new UsageError(
      `--weights: expected ${members.length} numbers, one a member, got ${weights.length}.`,
    );
  }
  if (!weights.some((weight) => weight > 0))
    throw new UsageError('--weights: expected at least one above 0.');
  const accuracies = members.map(({ probabilities }) => classAccuracy(probabilities, labels));
  const probabilities = combine(members, weights, options.mean);
  return {
    members: members.map(({ name, path }, m) => ({
      name,
      path,
      accuracy: accuracies[m],
      weight: weights[m],
    })),
    meanAccuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / members.length,
    disagreement: disagreement(members),
    accuracyBySize: members.map((_, m) => meanAccuracyOfSize(m + 1, members, weights, options.mean, labels)),
    mean: options.mean,
    accuracy: classAccuracy(probabilities, labels),
    probabilities,
  };
}

function disagreement(members: readonly Member[]): number[][] {
  const answers = members.map(({ probabilities }) => argMaxRows(probabilities, CLASS_NAMES.length));
  return answers.map((a) =>
    answers.map((b) => a.reduce((count, answer, i) => count + (answer === b[i] ? 0 : 1), 0) / a.length),
  );
}

function meanAccuracyOfSize(
  size: number,
  members: readonly Member[],
  weights: readonly number[],
  mean: MeanKind,
  labels: Uint8Array,
): number {
  const accuracies = subsets(members.length, size).map((subset) => {
    const subsetWeights = subset.map((m) => weights[m]);
    if (!subsetWeights.some((weight) => weight > 0)) return NaN;
    return classAccuracy(
      combine(
        subset.map((m) => members[m]),
        subsetWeights,
        mean,
      ),
      labels,
    );
  });
  const measured = accuracies.filter((accuracy) => !Number.isNaN(accuracy));
  return measured.reduce((sum, accuracy) => sum + accuracy, 0) / measured.length;
}

/** The subsets of `size` out of 0…n−1 in lexicographic order, at most MAX_SUBSETS, evenly spread over all. */
export function subsets(n: number, size: number): number[][] {
  const total = binomial(n, size);
  const wanted = Math.min(total, MAX_SUBSETS);
  return Array.from({ length: wanted }, (_, i) => subsetAt(n, size, Math.floor((i * total) / wanted)));
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}

/** The subset with a given rank in lexicographic order. */
function subsetAt(n: number, size: number, rank: number): number[] {
  const subset: number[] = [];
  for (let candidate = 0, left = rank; subset.length < size; candidate++) {
    const withIt = binomial(n - candidate - 1, size - subset.length - 1);
    if (left < withIt) subset.push(candidate);
    else left -= withIt;
  }
  return subset;
}
