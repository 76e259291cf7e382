import { type RowId, SHARED_PREFIX, TRAINED_ROWS } from '../config/article.js';
import { LESSON_SETTINGS } from '../config/lesson.js';
import { defaultStepEpochs, resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { TableSettings } from './reproducedTable.js';

/** `settings`: length of training, data limits, seed, backend …: over every row's own settings. */
export interface ReproducePlan extends TableSettings {
  name: string;
  rows: readonly RowId[];
  predictionsDir: string;
}

export const runName = ({ name }: Pick<ReproducePlan, 'name'>, row: RowId): string => `${name}-${row}`;

/** The row whose run a row is measured on: for test-time augmentation that of the same network without. */
export const trainedRow = (id: RowId): RowId => (id === 'deep-step-tta' ? 'deep-step' : id);

/** How a row is trained. */
export function rowConfig(id: RowId, plan: Pick<ReproducePlan, 'settings' | 'budget'>): TrainConfig {
  const shared = id === SHARED_PREFIX.parent ? sharedEpochs(plan) : undefined;
  const keepCheckpoints = shared === undefined ? [] : [shared];
  const lesson = plan.budget === undefined ? {} : LESSON_SETTINGS[id];
  return resolveTrainConfig(TRAINED_ROWS[id] ?? {}, plan.settings, lesson ?? {}, { keepCheckpoints });
}

/** Epochs until the rate is first lowered, which two rows have in common; undefined where that is within an epoch. */
export function sharedEpochs({ settings }: Pick<ReproducePlan, 'settings'>): number | undefined {
  const [first] = defaultStepEpochs(settings.epochs ?? Number(TRAIN_OPTIONS.epochs.default));
  return Number.isInteger(first) && first > 0 ? first : undefined;
}
