import type { OptionSpec } from './optionSpec.js';
import { FOLDERS_OPTIONS, type FoldersConfig } from './options/folders.js';
import { IMAGES_OPTIONS, type ImagesConfig } from './options/images.js';
import { OPTIMIZER_OPTIONS, type OptimizerConfig } from './options/optimizer.js';
import { RESULT_OPTIONS, type ResultConfig } from './options/result.js';
import { SCHEDULE_OPTIONS, type ScheduleConfig } from './options/schedule.js';
import { START_OPTIONS, type StartConfig } from './options/start.js';
import { TRAIN_ENGINE_OPTIONS, type EngineConfig } from './options/engine.js';

/** Everything that decides a training run's result, and where its files lie. All of it is saved with the run. */
export interface TrainConfig
  extends
    StartConfig,
    ResultConfig,
    OptimizerConfig,
    ScheduleConfig,
    ImagesConfig,
    EngineConfig,
    FoldersConfig {}

/** The option table of `cifar train`; the order is the help text's. */
export const TRAIN_OPTIONS: Record<keyof TrainConfig, OptionSpec> = {
  ...START_OPTIONS,
  ...RESULT_OPTIONS,
  ...OPTIMIZER_OPTIONS,
  ...SCHEDULE_OPTIONS,
  ...IMAGES_OPTIONS,
  ...TRAIN_ENGINE_OPTIONS,
  ...FOLDERS_OPTIONS,
};
