import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTrainConfig } from '../../config/resolveTrainConfig.js';
import type { TrainConfig } from '../../config/trainOptions.js';
import { trainOnce } from '../../ensembles/trainOnce.js';
import { DivergedError } from '../../evaluation/diverged.js';
import { readHistory } from '../../runs/history.js';
import { runFolder } from '../../runs/runFolder.js';
import { readRunRecord } from '../../runs/runRecord.js';
import type { TrainOptions } from '../../training/train.js';
import type { Search } from './searchFile.js';
import { type Trial, trialsOf } from './trials.js';

/** How far a configuration came. */
export interface TrialResult extends Trial {
  /** Epochs after which it was last compared. */
  epochs: number;
  /** On held-out images then, 0…1; null of one that diverged. */
  accuracy: number | null;
  petaflop: number;
}

export interface SearchReporter {
  rung(epochs: number, trials: number, rung: number, rungs: number): void;
  trial(trial: Trial, place: number, of: number): void;
}

export interface HalvingOptions extends TrainOptions {
  modelsDir: string;
  dataDir: string;
  search: SearchReporter;
}

/** How a configuration is trained, at full length. */
export function trialConfig(
  { base }: Search,
  { values }: Pick<Trial, 'values'>,
  { modelsDir, dataDir }: Pick<HalvingOptions, 'modelsDir' | 'dataDir'>,
): TrainConfig {
  return resolveTrainConfig({ ...base, ...values, validateEvery: 1, modelsDir, dataDir });
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): all configurations are trained to the first rung, the best of them, one in eta, go on from
 * their checkpoints to the next, under the schedule of their full length. What has been trained before is kept.
 * @returns all of them, the best first: those that came further before the others
 */
export async function halving(search: Search, options: HalvingOptions): Promise<TrialResult[]> {
  let alive: readonly Trial[] = trialsOf(search);
  const results = new Map<number, TrialResult>();
  for (const [rung, epochs] of search.rungs.entries()) {
    options.search.rung(epochs, alive.length, rung, search.rungs.length);
    for (const [place, trial] of alive.entries()) {
      options.signal?.throwIfAborted();
      options.search.trial(trial, place, alive.length);
      results.set(trial.number, await trainTo(epochs, trial, search, options));
    }
    const ranked = [...alive].sort((a, b) => byAccuracy(results.get(a.number), results.get(b.number)));
    alive = ranked.slice(0, Math.max(1, Math.ceil(alive.length / search.eta)));
  }
  return [...results.values()].sort((a, b) => b.epochs - a.epochs || byAccuracy(a, b));
}

/** The better first, those that diverged last; of equals the earlier. */
function byAccuracy(a: TrialResult | undefined, b: TrialResult | undefined): number {
  return (b?.accuracy ?? -1) - (a?.accuracy ?? -1) || (a?.number ?? 0) - (b?.number ?? 0);
}

async function trainTo(
  epochs: number,
  trial: Trial,
  search: Search,
  options: HalvingOptions,
): Promise<TrialResult> {
  const folder = runFolder(join(options.modelsDir, trial.run));
  const isThere = existsSync(folder.record) && readHistory(folder).length >= epochs;
  const isLost = existsSync(folder.record) && readRunRecord(folder).status === 'diverged';
  if (!isThere && !isLost) {
    const isLast = epochs === search.rungs.at(-1);
    try {
      await trainOnce(trial.run, trialConfig(search, trial, options), {
        ...options,
        skipViews: true,
        ...(!isLast && { untilEpoch: epochs }),
      });
    } catch (error) {
      // It ranks last.
      if (!(error instanceof DivergedError)) throw error;
    }
  }
  const { petaflop } = readRunRecord(folder);
  const accuracy = readHistory(folder)[epochs - 1]?.validationAccuracy ?? null;
  return { ...trial, epochs, accuracy, petaflop };
}
