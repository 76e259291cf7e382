import { mean, sampleDeviation } from '../util/statistics.js';
import { studentAbove, studentQuantile } from '../util/studentT.js';

/** Of a 95 % interval: the share on each side of it. */
const TAIL = 0.025;

/** Below this a difference counts as shown. */
export const SHOWN = 0.01;

/** What a sample says of the mean that it was drawn around. All values in the sample's unit. */
export interface Summary {
  count: number;
  mean: number;
  /** Of the sample, divided by n − 1; null for one value. */
  deviation: number | null;
  /** Holds the true mean with 95 % confidence, by Student's t; null for one value. */
  interval: readonly [low: number, high: number] | null;
}

/** @param values at least one */
export function summarize(values: readonly number[]): Summary {
  const count = values.length;
  const centre = mean(values);
  if (count < 2) return { count, mean: centre, deviation: null, interval: null };
  const deviation = sampleDeviation(values);
  const half = (studentQuantile(TAIL, count - 1) * deviation) / Math.sqrt(count);
  return { count, mean: centre, deviation, interval: [centre - half, centre + half] };
}

/**
 * One-sided p that a mean as high as the sample's, or higher, comes about where the true mean is a threshold (Student's t test); null for
 * one value, or where all values are equal, of which it says nothing.
 */
export function probabilityAtThreshold(values: readonly number[], threshold: number): number | null {
  const { count, mean: centre, deviation } = summarize(values);
  if (deviation === null || deviation === 0) return null;
  return studentAbove((centre - threshold) / (deviation / Math.sqrt(count)), count - 1);
}

/** Two samples, compared by Welch's test, which does not take their deviations for equal. */
export interface Difference {
  /** The first mean less the second. */
  difference: number;
  /** Holds the true difference with 95 % confidence. */
  interval: readonly [low: number, high: number];
  /** Two-sided p of such a difference, or a larger one, where there is none. */
  p: number;
  /** Values of each sample that would show a difference as large, with p < .01 in nine of ten trials. */
  countToShow: number;
}

/** @returns null where a sample has one value only, or neither has any deviation */
export function compareMeans(first: readonly number[], second: readonly number[]): Difference | null {
  const [a, b] = [first, second].map(summarize);
  if (a.deviation === null || b.deviation === null) return null;
  const [errorA, errorB] = [a.deviation ** 2 / a.count, b.deviation ** 2 / b.count];
  const error = Math.sqrt(errorA + errorB);
  if (error === 0) return null;
  // Welch and Satterthwaite's degrees of freedom.
  const degrees = (errorA + errorB) ** 2 / (errorA ** 2 / (a.count - 1) + errorB ** 2 / (b.count - 1));
  const difference = a.mean - b.mean;
  const half = studentQuantile(TAIL, degrees) * error;
  return {
    difference,
    interval: [difference - half, difference + half],
    p: 2 * studentAbove(Math.abs(difference) / error, degrees),
    countToShow: countToShow(Math.abs(difference), a.deviation ** 2 + b.deviation ** 2),
  };
}

/** Of a trial that shows a difference which is there nine times in ten. */
const MISSED = 0.1;

/** The most seeds that are looked at. */
const MOST = 1_000_000;

/** @param variance sum of both samples' */
function countToShow(difference: number, variance: number): number {
  const isEnough = (count: number): boolean => {
    const degrees = 2 * (count - 1);
    const needed = studentQuantile(SHOWN / 2, degrees) + studentQuantile(MISSED, degrees);
    return difference >= needed * Math.sqrt(variance / count);
  };
  if (!isEnough(MOST)) return Infinity;
  let [low, high] = [1, MOST];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
