import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReproducedRow, type RowId, PAIRS, SHARED_PREFIX } from '../config/article.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { messageOf } from '../util/errors.js';
import { ensureFolder } from '../util/files.js';
import { percent } from '../util/percent.js';
import {
  type EnsemblePlan,
  type MemberReporter,
  type TrainedMember,
  checkEnsemble,
} from '../ensembles/ensemblePlan.js';
import { finishedMembers, trainEnsemble, trainMember } from '../ensembles/trainEnsemble.js';
import { averagePredictions } from '../ensembles/averaging.js';
import { predictOnce } from '../ensembles/predictOnce.js';
import { readRows, writeRow, writeRows } from './reproducedTable.js';
import { type RunFolder, keptEpochs, runFolder } from '../runs/runFolder.js';
import type { RunRecord } from '../runs/runRecord.js';
import { type TrainOptions, trainForked } from '../training/train.js';
import { drawPair } from './pairPictures.js';
import { type ReproducePlan, rowConfig, runName, sharedEpochs, trainedRow } from './reproducePlan.js';
import { trainOnce } from '../ensembles/trainOnce.js';

export interface ReproduceOptions extends TrainOptions {
  members: MemberReporter;
  rowStarted: (row: ReproducedRow) => void;
  /** Told of each pair of rows that has been drawn, once both are done. */
  drawn: (path: string) => void;
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
    writeRow(tablePath, plan, row);
    // Others may have measured rows meanwhile.
    writeRows(tablePath, plan, readRows(tablePath, plan));
    await drawPairs(id, plan, rows, options);
  }
  return rows;
}

/** Brings one member of the last row's ensemble to its end, beside other processes that train the others. */
export async function reproduceMember(
  plan: ReproducePlan,
  index: number,
  test: ImageSet,
  options: ReproduceOptions,
): Promise<void> {
  await trainMember(ensemblePlan(plan), index, test, options);
}

/** All rows with what is known of them; nothing is trained. The ensemble is averaged of the members that are there. */
export function collectRows(plan: ReproducePlan, test: ImageSet): ReproducedRow[] {
  const tablePath = join(plan.predictionsDir, `${plan.name}.json`);
  const members = finishedMembers(ensemblePlan(plan));
  const last = readRows(tablePath, plan).find(({ id }) => id === 'ensemble');
  if (last !== undefined && members.length > 0) {
    writeRow(tablePath, plan, { ...last, measured: averageOf(members, plan, test) });
  }
  const rows = readRows(tablePath, plan);
  writeRows(tablePath, plan, rows);
  return rows;
}

/** Draws the pair that a row completes. */
async function drawPairs(
  id: RowId,
  plan: ReproducePlan,
  rows: readonly ReproducedRow[],
  { drawn, reporter }: ReproduceOptions,
): Promise<void> {
  const isDone = (each: RowId): boolean => rows.some((row) => row.id === each && row.measured !== undefined);
  const pair = PAIRS.find((each) => each.rows.some((row) => row === id));
  if (pair === undefined || !pair.rows.every(isDone)) return;
  try {
    drawn(await drawPair(pair, plan, predictionsFolder(plan)));
  } catch (error) {
    reporter.note(`Note: the pair ${pair.name} could not be drawn: ${messageOf(error)}`);
  }
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
  const trainedId = trainedRow(id);
  const config = rowConfig(trainedId, plan);
  const { folder, record } = await trainRow(trainedId, config, plan, options);
  if (trainedId === id) return record.last ?? { accuracy: NaN };
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

/** Brings a row's run to its end; what it shares with another row's is trained once, there. */
async function trainRow(
  id: RowId,
  config: TrainConfig,
  plan: ReproducePlan,
  options: ReproduceOptions,
): Promise<{ folder: RunFolder; record: RunRecord }> {
  const name = runName(plan, id);
  const shared = sharedEpochs(plan);
  const isBegun = existsSync(runFolder(join(config.modelsDir, name)).record);
  if (id !== SHARED_PREFIX.row || shared === undefined || isBegun) return trainOnce(name, config, options);
  const parent = runFolder(join(config.modelsDir, runName(plan, SHARED_PREFIX.parent)));
  if (!keptEpochs(parent).includes(shared)) {
    await trainOnce(parent.name, rowConfig(SHARED_PREFIX.parent, plan), { ...options, untilEpoch: shared });
  }
  // A run that was past it before states were kept has none to give.
  if (!keptEpochs(parent).includes(shared)) return trainOnce(name, config, options);
  return trainForked({ parent, epoch: shared }, config, name, options);
}

function ensemblePlan(plan: ReproducePlan): EnsemblePlan {
  return {
    name: `${plan.name}-member`,
    namedBy: 'index',
    members: plan.members,
    kinds: [{ augment: 'normal' }, { augment: 'strong' }].slice(0, plan.members),
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
  return averageOf(await trainEnsemble(ensemblePlan(plan), test, options), plan, test);
}

function averageOf(
  members: readonly TrainedMember[],
  plan: ReproducePlan,
  test: ImageSet,
): NonNullable<ReproducedRow['measured']> {
  const result = averagePredictions(
    members.map(({ path }) => path),
    test,
  );
  const of = members.length === plan.members ? '' : `${members.length} of `;
  return {
    accuracy: result.accuracy,
    note: `${of}${plan.members} members, mean ${percent(result.meanAccuracy)}`,
  };
}
