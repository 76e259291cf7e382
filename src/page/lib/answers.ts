import { argMaxRows, softmaxRows } from '../../evaluation/metrics';
import { atTemperature } from '../../evaluation/temperature';
import type { Measures } from '../../report/types';
import { bytesOf, floatsOf } from './base64';

/** What a network says of one test image. */
export interface ImageAnswer {
  /** Number of the image. */
  image: number;
  label: number;
  answer: number;
  /** Calibrated probability of the answer, 0…1. */
  confidence: number;
  /** Of each class. */
  probabilities: Float32Array;
}

/**
 * Every test image's answer, in their order.
 * @param temperature 1: probabilities as the network gives them
 */
export function answersOf(
  { logits, labels, evaluation }: Measures,
  temperature = evaluation.calibrated.temperature,
): ImageAnswer[] {
  const truth = bytesOf(labels);
  const values = floatsOf(logits);
  const classes = values.length / truth.length;
  const all = softmaxRows(atTemperature(values, temperature), classes);
  const answers = argMaxRows(all, classes);
  return Array.from(truth, (label, image) => {
    const probabilities = all.subarray(image * classes, (image + 1) * classes);
    const answer = answers[image];
    return { image, label, answer, confidence: probabilities[answer], probabilities };
  });
}

/** Wrong answers, the surest first: mistakes, or wrong labels. */
export function surestMistakes(answers: readonly ImageAnswer[]): ImageAnswer[] {
  return answers.filter(({ answer, label }) => answer !== label).sort((a, b) => b.confidence - a.confidence);
}

/** Right answers, the least sure first. */
export function leastSureRight(answers: readonly ImageAnswer[]): ImageAnswer[] {
  return answers.filter(({ answer, label }) => answer === label).sort((a, b) => a.confidence - b.confidence);
}

/** The images of one class that were given one answer, the surest first. */
export function ofCell(answers: readonly ImageAnswer[], label: number, answer: number): ImageAnswer[] {
  return answers
    .filter((one) => one.label === label && one.answer === answer)
    .sort((a, b) => b.confidence - a.confidence);
}
