import type { TrainConfig } from './trainOptions.js';

/** What may change when a run goes on; everything else is the run's own. */
export const RESUMABLE = [
  'epochs',
  'maxTime',
  'earlyStop',
  'validateEvery',
  'keepCheckpoints',
  'backend',
  'precision',
  'threads',
  'workers',
  'dataDir',
  'modelsDir',
] as const satisfies readonly (keyof TrainConfig)[];

/** Options that do not bear on what a run that is trained to its end comes to, roundings aside. */
export const INCIDENTAL: readonly (keyof TrainConfig)[] = RESUMABLE.filter((key) => key !== 'epochs');
