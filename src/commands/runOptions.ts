import type { OptionSpec } from '../config/optionSpec.js';
import { TTA_OPTIONS } from './ttaOptions.js';
import { DATA_OPTIONS, ENGINE_OPTIONS } from '../config/options/shared.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';

const WEIGHTS = {
  weights: {
    type: 'choice',
    choices: ['last', 'best'],
    default: 'last',
    placeholder: 'which',
    description: "which of the run's models: the last epoch's or the best epoch's",
  },
} as const satisfies Record<string, OptionSpec>;

/** Options of the commands that take a saved run. */
export const MODEL_OPTIONS = {
  ...WEIGHTS,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  ...ENGINE_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

/** Options of those that take the test set, too. */
export const RUN_OPTIONS = {
  ...WEIGHTS,
  ...DATA_OPTIONS,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  ...ENGINE_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

/** Options of those that measure whole runs: whichever model there is, and what `cifar tta` made of it. */
export const MEASURE_OPTIONS = {
  ...DATA_OPTIONS,
  modelsDir: TRAIN_OPTIONS.modelsDir,
  predictionsDir: TTA_OPTIONS.predictionsDir,
  ...ENGINE_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

interface Weights {
  weights: 'last' | 'best';
}

export type ModelOptions = Pick<TrainConfig, Exclude<keyof typeof MODEL_OPTIONS, 'weights'>> & Weights;
export type RunOptions = Pick<TrainConfig, Exclude<keyof typeof RUN_OPTIONS, 'weights'>> & Weights;
export type MeasureOptions = Pick<TrainConfig, Exclude<keyof typeof MEASURE_OPTIONS, 'predictionsDir'>> & {
  predictionsDir: string;
};
