import { resolveTrainConfig } from '../../config/resolveTrainConfig.js';
import type { TrainConfig } from '../../config/trainOptions.js';
import { inTurn, trainUnlessOwned } from '../../ensembles/inTurn.js';
import { DivergedError } from '../../evaluation/diverged.js';
import type { TrainOptions } from '../../training/train.js';
import { UsageError } from '../../util/errors.js';
import { inRung, resultAt } from './rungs.js';
import type { Search } from './searchFile.js';
import type { Trial } from './trials.js';

export interface SearchReporter {
  rung(epochs: number, trials: number, rung: number, rungs: number): void;
  trial(trial: Trial, place: number, of: number): void;
}

/** Where a search computes, and by what. */
export type Place = Pick<TrainConfig, 'modelsDir' | 'dataDir'> &
  Partial<Pick<TrainConfig, 'backend' | 'precision' | 'threads'>>;

export interface HalvingOptions extends TrainOptions {
  place: Place;
  search: SearchReporter;
}

/** How a configuration is trained, at full length. */
export function trialConfig({ base }: Search, { values }: Pick<Trial, 'values'>, place: Place): TrainConfig {
  return resolveTrainConfig({ ...base, ...values, validateEvery: 1, ...place });
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): all configurations are trained to the first rung, the best of them, one in eta, go on from
 * their checkpoints to the next, under the schedule of their full length. What has been trained before is kept.
 * @returns the best of the last rung
 */
export async function halving(search: Search, options: HalvingOptions): Promise<Trial> {
  for (const [rung, epochs] of search.rungs.entries()) {
    const trials = await decided(search, rung, options);
    options.search.rung(epochs, trials.length, rung, search.rungs.length);
    for (const [place, trial] of trials.entries()) {
      options.signal?.throwIfAborted();
      options.search.trial(trial, place, trials.length);
      await trainTo(epochs, trial, search, options);
    }
  }
  return winner(search, options);
}

/**
 * Brings one configuration of a rung to its end, beside other processes that train the others.
 * @param rung from 0
 * @param index its place in the rung, from 0
 * @throws UsageError when there is no such place; CifarError when none of the rung before has been trained
 */
export async function trainInRung(
  search: Search,
  rung: number,
  index: number,
  options: HalvingOptions,
): Promise<void> {
  const trials = await decided(search, rung, options);
  const trial = trials.at(index);
  if (trial === undefined) {
    throw new UsageError(
      `--member-index: expected 0 to ${trials.length - 1}, one of the ${trials.length} configurations of rung ${rung + 1}, got ${index}.`,
    );
  }
  options.search.trial(trial, index, trials.length);
  await trainTo(search.rungs[rung], trial, search, options);
}

/** The best of the last rung, as soon as nobody trains in it. */
export async function winner(search: Search, options: HalvingOptions): Promise<Trial> {
  return (await decided(search, search.rungs.length, options))[0];
}

function decided(search: Search, rung: number, options: HalvingOptions): Promise<Trial[]> {
  return inTurn(options, () => Promise.resolve(inRung(search, rung, options.place.modelsDir)));
}

async function trainTo(epochs: number, trial: Trial, search: Search, options: HalvingOptions): Promise<void> {
  const config = trialConfig(search, trial, options.place);
  const isLast = epochs === search.rungs.at(-1);
  const training = { ...options, skipViews: true, ...(!isLast && { untilEpoch: epochs }) };
  await inTurn(options, async () => {
    if (resultAt(epochs, trial, options.place.modelsDir).status !== 'missing') return;
    try {
      await trainUnlessOwned(trial.run, config, training);
    } catch (error) {
      // It ranks behind those that have not.
      if (!(error instanceof DivergedError)) throw error;
    }
  });
}
