import { Option } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS, ENGINE_OPTIONS, TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { RunFolder } from '../pipeline/runFolder.js';

/** Options of the commands that take a saved run and the test set. */
export const RUN_OPTIONS = {
  ...DATA_OPTIONS,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  ...ENGINE_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

export type RunOptions = Pick<TrainConfig, keyof typeof RUN_OPTIONS>;

/** Which of a run's two models. */
export type WhichWeights = 'last' | 'best';

export function weightsOption(): Option {
  return new Option('--weights <which>', "which of the run's models: the last epoch's or the best epoch's")
    .choices(['last', 'best'])
    .default('last');
}

export function modelFolder(run: RunFolder, weights: WhichWeights): string {
  return weights === 'last' ? run.last : run.best;
}
