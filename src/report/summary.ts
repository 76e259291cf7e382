import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { netTitle } from '../nets/names.js';
import { passesOf, type EpochRecord } from '../plots/types.js';
import { isOwned } from '../runs/owner.js';
import { type RunFolder } from '../runs/runFolder.js';
import { type RunRecord, measuredOn } from '../runs/runRecord.js';
import { mean } from '../util/statistics.js';
import type { ReadableRun } from './types.js';

/** Epochs whose time says how long one takes. */
const TIMED = 5;

/**
 * What a list of runs says of one.
 * @param history as far as it is known: that of a run in work is newer than its record, the others' record says it all
 */
export function summaryOf(
  folder: RunFolder,
  record: RunRecord,
  history: readonly EpochRecord[],
): ReadableRun {
  const { config, status, last, best, tta } = record;
  const isKilled = status === 'running' && !isOwned(folder.path);
  const latest = history.at(-1);
  const recorded = last === undefined ? 0 : Math.min(last.epoch + 1, config.epochs);
  const epochsTrained = latest === undefined ? recorded : passesOf(latest);
  const model = modelOf(folder);
  const validated = history.findLast(({ validationAccuracy }) => validationAccuracy !== null);
  return {
    name: folder.name,
    status: isKilled ? 'killed' : status,
    ...{ startedAt: record.startedAt, updatedAt: record.updatedAt },
    title: `${netTitle(config.model)}, ${config.recipe === 'none' ? config.augment : config.recipe}`,
    ...{ epochs: config.epochs, epochsTrained, validatedOn: measuredOn(record) },
    ...resultOf(last, validated),
    ...(best && { best: { epoch: best.epoch, accuracy: best.accuracy } }),
    ...(tta && { tta: { preset: tta.preset, accuracy: tta.accuracy } }),
    trainingSeconds: record.trainingSeconds,
    ...(status === 'running' && !isKilled && latest && { secondsLeft: secondsLeft(config.epochs, history) }),
    ...(model && { model }),
  };
}

/** Of a run in work, what its history says is newer than its record. */
function resultOf(
  last: RunRecord['last'],
  validated: EpochRecord | undefined,
): Pick<ReadableRun, 'accuracy' | 'loss'> {
  if (validated !== undefined && validated.epoch >= (last?.epoch ?? 0)) {
    return { accuracy: validated.validationAccuracy as number, loss: validated.validationLoss as number };
  }
  return last === undefined ? {} : { accuracy: last.accuracy, loss: last.loss };
}

function secondsLeft(epochs: number, history: readonly EpochRecord[]): number {
  const done = passesOf(history[history.length - 1]);
  return Math.max(0, epochs - done) * mean(history.slice(-TIMED).map(({ seconds }) => seconds));
}

/** The last model, else the best one's. */
export function modelOf(folder: RunFolder): 'last' | 'best' | undefined {
  return (['last', 'best'] as const).find((which) => existsSync(join(folder[which], 'model.json')));
}
