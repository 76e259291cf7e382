import { join } from 'node:path';
import { type ReproducedRow, type RowId, TRAINED_ROWS } from '../config/article.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { ensureFolder } from '../util/files.js';
import { percent } from '../util/percent.js';
import {
  type EnsemblePlan,
  type MemberReporter,
  checkEnsemble,
  trainEnsemble,
} from '../ensembles/trainEnsemble.js';
import { averagePredictions } from '../ensembles/averaging.js';
import { predictOnce } from '../ensembles/predictOnce.js';
import { type TableSettings, readRows, writeRows } from './reproducedTable.js';
import type { TrainOptions } from '../training/train.js';
import { trainOnce } from '../ensembles/trainOnce.js';

export interface ReproduceOptions extends TrainOptions {
  members: MemberReporter;
  rowStarted: (row: ReproducedRow) => void;
}

/** `settings`: length of training, data limits, seed, backend …: over every row's own settings. */
export interface ReproducePlan extends TableSettings {
  name: string;
  rows: readonly RowId[];
  predictionsDir: string;
}

/**
 * Runs the rows asked for in the order given, each kept when it was done before, and returns all six with what is known, also from
 * earlier calls.
 * @throws UsageError when earlier rows of that name were made with other settings
 */
export async function reproduce(
  plan: ReproducePlan,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<ReproducedRow[]> {
  ensureFolder(plan.predictionsDir);
  const tablePath = join(plan.predictionsDir, `${plan.name}.json`);
  const rows = readRows(tablePath, plan);
  if (plan.rows.includes('ensemble')) checkEnsemble(ensemblePlan(plan));
  for (const id of plan.rows) {
    const row = rows.find((each) => each.id === id);
    if (row === undefined) continue;
    options.rowStarted(row);
    row.measured = await measureRow(row.id, plan, test, options);
    writeRows(tablePath, plan, rows);
  }
  return rows;
}

/** The folder of the rows' prediction arrays. */
function predictionsFolder(plan: ReproducePlan): string {
  return join(plan.predictionsDir, plan.name);
}

async function measureRow(
  id: RowId,
  plan: ReproducePlan,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<NonNullable<ReproducedRow['measured']>> {
  if (id === 'ensemble') return measureEnsemble(plan, test, options);
  const isTta = id === 'deep-step-tta';
  const trainedId = isTta ? 'deep-step' : id;
  const config = resolveTrainConfig(TRAINED_ROWS[trainedId] ?? {}, plan.settings);
  const { folder, record } = await trainOnce(`${plan.name}-${trainedId}`, config, options);
  if (!isTta) return record.last ?? { accuracy: NaN };
  const { accuracy } = await predictOnce(
    {
      run: folder,
      folder: predictionsFolder(plan),
      name: id,
      tta: { preset: 'keras', passes: plan.passes, augment: 'normal', seed: config.seed },
      config,
    },
    test,
    options.members,
    options.signal,
  );
  return { accuracy, note: `${plan.passes} passes` };
}

function ensemblePlan(plan: ReproducePlan): EnsemblePlan {
  return {
    name: `${plan.name}-member`,
    isNamedBySeed: false,
    members: plan.members,
    augments: plan.members > 1 ? ['normal', 'strong'] : ['normal'],
    base: resolveTrainConfig({ model: 'deep', schedule: 'step' }, plan.settings),
    tta: { preset: 'keras', passes: plan.passes, augment: 'normal' },
    predictionsDir: predictionsFolder(plan),
  };
}

async function measureEnsemble(
  plan: ReproducePlan,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<NonNullable<ReproducedRow['measured']>> {
  const members = await trainEnsemble(ensemblePlan(plan), test, options);
  const paths = members.map(({ path }) => path);
  const result = averagePredictions(paths, test);
  const note = `${plan.members} members, mean ${percent(result.meanAccuracy)}`;
  return { accuracy: result.accuracy, note };
}
