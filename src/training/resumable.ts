import type { RunRecord } from '../runs/runRecord.js';
import { formatDuration } from '../util/duration.js';
import { UsageError } from '../util/errors.js';
import { endOf, stepsDone, totalSteps, trainingSeconds } from './position.js';
import type { Training } from './training.js';

/**
 * Whether a run can go on, and has something left to do.
 * @throws UsageError when it is not to be trained as far as it has been, cannot go on from its end, or would end at once
 */
export function checkResumable({ folder, config, position }: Training, earlier: RunRecord): void {
  const { epochs } = config;
  const before = earlier.config.epochs;
  if (position.epoch > before && (earlier.status === 'finished' || epochs !== before)) {
    throw new UsageError(
      `${folder.path} has finished its ${before} epochs, the last of them in part, and cannot go on from there: train a new run.`,
    );
  }
  const { stepsPerEpoch } = position;
  const done = stepsDone(position, before);
  if (done > totalSteps(epochs, stepsPerEpoch)) {
    const trained = Math.ceil((100 * done) / stepsPerEpoch) / 100;
    throw new UsageError(`--epochs: expected at least the ${trained} epochs already trained, got ${epochs}.`);
  }
  // A run killed between its last checkpoint and its record still says that it is running, and only needs its end.
  if (earlier.status === 'running' || earlier.status === 'interrupted') return;
  switch (endOf(position, config)) {
    case 'finished':
      throw new UsageError(
        `${folder.path} has finished its ${position.epoch} epochs: give --epochs above ${position.epoch} to train it further.`,
      );
    case 'stopped-early':
      throw new UsageError(
        `${folder.path} stopped early, after ${position.epochsWithoutGain} epochs without a gain: give --early-stop above that, or 0, to train it further.`,
      );
    case 'out-of-time':
      throw new UsageError(
        `${folder.path} has used up its time: give --max-time above ${formatDuration(trainingSeconds(position))}, or 0s, to train it further.`,
      );
    case undefined:
  }
}
