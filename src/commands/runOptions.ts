import type { OptionSpec } from '../config/optionSpec.js';
import { DATA_OPTIONS, ENGINE_OPTIONS, TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';

/** Options of the commands that take a saved run and the test set. */
export const RUN_OPTIONS = {
  weights: {
    type: 'choice',
    choices: ['last', 'best'],
    default: 'last',
    placeholder: 'which',
    description: "which of the run's models: the last epoch's or the best epoch's",
  },
  ...DATA_OPTIONS,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  ...ENGINE_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

export type RunOptions = Pick<TrainConfig, Exclude<keyof typeof RUN_OPTIONS, 'weights'>> & {
  weights: 'last' | 'best';
};
