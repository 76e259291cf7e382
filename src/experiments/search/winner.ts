import { join } from 'node:path';
import type { TrainConfig } from '../../config/trainOptions.js';
import type { EnsemblePlan } from '../../ensembles/ensemblePlan.js';
import { type Place, trialConfig } from './halving.js';
import type { Search } from './searchFile.js';
import type { Trial } from './trials.js';

/** The first of the seeds that the winner is trained again under: none of the search's. */
const FIRST_FRESH_SEED = 1001;

/** The winner as it is trained in earnest: on all training images, measured on the test set. */
export function winnerConfig(search: Search, best: Trial, place: Place, limitTest: number): TrainConfig {
  return { ...trialConfig(search, best, place), validationSplit: 0, limitTest };
}

/** Names of the trainings under fresh seeds; where their answers are kept. */
export function finalRuns(
  { name, finalSeeds }: Search,
  modelsDir: string,
): { predictionsDir: string; runs: { run: string; prediction: string }[] } {
  const runs = Array.from({ length: finalSeeds }, (_, i) => ({
    run: `${name}-final-s${FIRST_FRESH_SEED + i}`,
    prediction: `pred_${FIRST_FRESH_SEED + i}`,
  }));
  return { predictionsDir: join(modelsDir, `${name}-final-predictions`), runs };
}

/** The winner under seeds that nothing was chosen by. */
export function finalPlan(search: Search, config: TrainConfig): EnsemblePlan {
  const base = { ...config, seed: FIRST_FRESH_SEED };
  return {
    ...{ name: `${search.name}-final`, base, members: search.finalSeeds },
    ...{ namedBy: 'seed', kinds: [{}] },
    tta: { preset: base.tta, share: 1 },
    predictionsDir: finalRuns(search, base.modelsDir).predictionsDir,
  };
}
