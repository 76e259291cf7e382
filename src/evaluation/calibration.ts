import type { CalibrationBin } from '../plots/reliability.js';
import { Rng, STREAM } from '../util/rng.js';
import { argMaxRows, lossAndAccuracy, softmaxRows } from './metrics.js';

/** How well probabilities say what they are worth. */
export interface Calibration {
  /** Expected calibration error, 0 to 1: the mean |confidence − accuracy| over 15 bins of equal width (Guo et al. 2017). */
  expectedError: number;
  /** What it is in 95 of 100 samples drawn anew from the same images. */
  interval: [low: number, high: number];
  /** The same over 15 bins of equally many images. */
  equalMassError: number;
  /** Mean cross-entropy, nats. */
  loss: number;
  /** Mean squared distance of the probabilities from the label's 1 and the others' 0, 0 to 2. */
  brier: number;
  /** Of equal width. */
  bins: CalibrationBin[];
}

const BINS = 15;
const SAMPLES = 1000;

/** Each image's confidence (largest probability) and whether that answer is right. */
interface Confidences {
  values: Float64Array;
  isRight: Uint8Array;
}

/**
 * @param logits count × classes, row-major
 * @param labels one class index a row; at least one
 */
export function calibration(logits: Float32Array, labels: Uint8Array): Calibration {
  const classes = logits.length / labels.length;
  const probabilities = softmaxRows(logits, classes);
  const confidences = confidencesOf(probabilities, labels, classes);
  const byWidth = Uint8Array.from(confidences.values, (value) =>
    Math.min(BINS - 1, Math.max(0, Math.ceil(value * BINS) - 1)),
  );
  const bins = binsOf(confidences, byWidth);
  return {
    expectedError: errorOf(bins),
    interval: bootstrap(confidences, byWidth),
    equalMassError: errorOf(binsOf(confidences, byMass(confidences.values))),
    loss: lossAndAccuracy(logits, labels).loss,
    brier: brierScore(probabilities, labels, classes),
    bins,
  };
}

function confidencesOf(probabilities: Float32Array, labels: Uint8Array, classes: number): Confidences {
  const predicted = argMaxRows(probabilities, classes);
  return {
    values: Float64Array.from(predicted, (answer, row) => probabilities[row * classes + answer]),
    isRight: predicted.map((answer, row) => (answer === labels[row] ? 1 : 0)),
  };
}

/** The bin of each image, when each bin takes as many. */
function byMass(values: Float64Array): Uint8Array {
  const rank = Uint32Array.from(values, (_, row) => row).sort((a, b) => values[a] - values[b]);
  const bins = new Uint8Array(values.length);
  rank.forEach((row, place) => {
    bins[row] = Math.floor((place * BINS) / values.length);
  });
  return bins;
}

function binsOf({ values, isRight }: Confidences, binOf: Uint8Array): CalibrationBin[] {
  const sums = Array.from({ length: BINS }, () => ({ confidence: 0, accuracy: 0, count: 0 }));
  binOf.forEach((bin, row) => {
    sums[bin].confidence += values[row];
    sums[bin].accuracy += isRight[row];
    sums[bin].count++;
  });
  return sums.map(({ confidence, accuracy, count }) => ({
    confidence: confidence / count,
    accuracy: accuracy / count,
    count,
  }));
}

function errorOf(bins: readonly CalibrationBin[]): number {
  const images = bins.reduce((sum, { count }) => sum + count, 0);
  return bins
    .filter(({ count }) => count > 0)
    .reduce((sum, bin) => sum + (bin.count / images) * Math.abs(bin.confidence - bin.accuracy), 0);
}

/** The 95 % percentile interval of the error over samples of as many images, drawn with replacement by a fixed seed. */
function bootstrap({ values, isRight }: Confidences, binOf: Uint8Array): [number, number] {
  const rng = new Rng(0, STREAM.bootstrap);
  const count = values.length;
  const excess = values.map((value, row) => value - isRight[row]);
  const errors = Float64Array.from({ length: SAMPLES }, () => {
    const sums = new Float64Array(BINS);
    for (let i = 0; i < count; i++) {
      const row = rng.uint32() % count;
      sums[binOf[row]] += excess[row];
    }
    return sums.reduce((total, sum) => total + Math.abs(sum), 0) / count;
  }).sort();
  return [errors[Math.floor(0.025 * SAMPLES)], errors[Math.ceil(0.975 * SAMPLES) - 1]];
}

function brierScore(probabilities: Float32Array, labels: Uint8Array, classes: number): number {
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const target = labels[Math.floor(i / classes)] === i % classes ? 1 : 0;
    total += (probabilities[i] - target) ** 2;
  }
  return total / labels.length;
}
