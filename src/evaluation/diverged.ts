import { CifarError } from '../util/errors.js';
import { areFinite } from '../util/finite.js';

/** A network's weights or answers are not numbers: its training led beyond all bounds. */
export class DivergedError extends CifarError {}

/**
 * To be called with whatever a network answers, before anything is said of it.
 * @throws DivergedError when an answer is not a number, or infinite
 */
export function checkAnswers(values: Float32Array): void {
  if (areFinite(values)) return;
  const stray = values.find((value) => !Number.isFinite(value));
  throw new DivergedError(
    `The network's answers are not numbers (${stray}): its training diverged. Train it anew with a lower --learning-rate.`,
  );
}
