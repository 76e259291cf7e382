import type { LabelSet } from '../dataset/imageSet.js';
import { accuracyOf, argMaxRows } from '../evaluation/metrics.js';
import { UsageError } from '../util/errors.js';
import { accuracyBySize } from './accuracyBySize.js';
import { type Member, readMember } from './members.js';

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

/**
 * Averages the prediction arrays of a test set, and measures them.
 * @param weights one a member; none for equal weights
 * @throws as `readMember` and `ensemble` do
 */
export function averagePredictions(
  paths: readonly string[],
  test: LabelSet,
  mean: MeanKind = 'arithmetic',
  weights: readonly number[] = [],
): EnsembleResult {
  const members = paths.map((path) => readMember(path, test));
  return ensemble(members, test.labels, { mean, ...(weights.length > 0 && { weights }) });
}

/** What is averaged of a probability: itself, or its logarithm. */
function averaged(value: number, mean: MeanKind): number {
  return mean === 'arithmetic' ? value : Math.log(Math.max(value, 1e-12));
}

/** The mean of members' probabilities: weighted arithmetic, or weighted geometric (scaled to sum 1 a row). */
export function combine(
  members: readonly Member[],
  weights: readonly number[],
  mean: MeanKind,
  classes: number,
): Float32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const result = new Float64Array(members[0].probabilities.length);
  members.forEach(({ probabilities }, m) => {
    const share = weights[m] / total;
    for (let i = 0; i < result.length; i++) result[i] += share * averaged(probabilities[i], mean);
  });
  if (mean === 'geometric') normalizeLogarithms(result, classes);
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
  { mean, weights = members.map(() => 1) }: { mean: MeanKind; weights?: readonly number[] },
): EnsembleResult {
  if (weights.length !== members.length) {
    throw new UsageError(
      `--weights: expected ${members.length} numbers, one a member, got ${weights.length}.`,
    );
  }
  if (!weights.some((weight) => weight > 0))
    throw new UsageError('--weights: expected at least one above 0.');
  const classes = members[0].probabilities.length / labels.length;
  const accuracies = members.map(({ probabilities }) => accuracyOf(probabilities, labels));
  const probabilities = combine(members, weights, mean, classes);
  const terms = members.map((member, m) => {
    const term = new Float64Array(member.probabilities.length);
    for (let i = 0; i < term.length; i++) term[i] = weights[m] * averaged(member.probabilities[i], mean);
    return term;
  });
  return {
    members: members.map(({ name, path }, m) => ({
      name,
      path,
      accuracy: accuracies[m],
      weight: weights[m],
    })),
    meanAccuracy: accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / members.length,
    disagreement: disagreement(members, classes),
    accuracyBySize: accuracyBySize(terms, weights, labels),
    mean,
    accuracy: accuracyOf(probabilities, labels),
    probabilities,
  };
}

function disagreement(members: readonly Member[], classes: number): number[][] {
  const answers = members.map(({ probabilities }) => argMaxRows(probabilities, classes));
  return answers.map((a) =>
    answers.map((b) => a.reduce((count, answer, i) => count + (answer === b[i] ? 0 : 1), 0) / a.length),
  );
}
