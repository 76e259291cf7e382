import { join } from 'node:path';
import { ROWS, type ReproducedRow, type RowId, TRAINED_ROWS } from '../config/article.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { type EnsemblePlan, type MemberReporter, trainEnsemble } from './ensembleTrain.js';
import { ensemble, readMember } from './ensemble.js';
import type { TrainOptions } from './train.js';
import { trainOnce } from './trainOnce.js';
import { testTimeAugment } from './tta.js';

export interface ReproduceOptions extends TrainOptions {
  members: MemberReporter;
  rowStarted: (row: ReproducedRow) => void;
}

export interface ReproducePlan {
  name: string;
  rows: readonly RowId[];
  /** Length of training, data limits, seed, backend …: over every row's own settings. */
  settings: Partial<TrainConfig>;
  passes: number;
  members: number;
  predictionsDir: string;
}

/** Runs the rows asked for, each kept when it was done before, and returns all six with what is known. */
export async function reproduce(
  plan: ReproducePlan,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<ReproducedRow[]> {
  const rows: ReproducedRow[] = ROWS.map((row) => ({ ...row }));
  const tablePath = join(plan.predictionsDir, `${plan.name}.json`);
  ensureFolder(plan.predictionsDir);
  for (const row of rows) {
    if (!plan.rows.includes(row.id)) continue;
    options.rowStarted(row);
    row.measured = await measureRow(row.id, plan, test, options);
    writeFileAtomic(
      tablePath,
      `${JSON.stringify({ settings: plan.settings, passes: plan.passes, members: plan.members, rows }, null, 2)}\n`,
    );
  }
  return rows;
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
  const { accuracy } = await testTimeAugment(folder.last, test, {
    passes: plan.passes,
    augment: 'normal',
    batchSize: config.batchSize,
    seed: config.seed,
    workers: config.workers,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onPass: (passes, soFar) => options.members.pass(passes, plan.passes, soFar),
  });
  return { accuracy, note: `${plan.passes} passes` };
}

async function measureEnsemble(
  plan: ReproducePlan,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<NonNullable<ReproducedRow['measured']>> {
  const ensemblePlan: EnsemblePlan = {
    name: `${plan.name}-member`,
    members: plan.members,
    augments: plan.members > 1 ? ['normal', 'strong'] : ['normal'],
    base: resolveTrainConfig({ model: 'deep', schedule: 'step' }, plan.settings),
    passes: plan.passes,
    ttaAugment: 'normal',
    predictionsDir: join(plan.predictionsDir, plan.name),
  };
  const paths = await trainEnsemble(ensemblePlan, test, options);
  const result = ensemble(
    paths.map((path) => readMember(path, test.count)),
    test.labels,
    { mean: 'arithmetic' },
  );
  const note = `${plan.members} members, mean ${(result.meanAccuracy * 100).toFixed(2)} %`;
  return { accuracy: result.accuracy, note };
}
