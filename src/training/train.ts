import { existsSync, lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { formatConfig } from '../config/configFile.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { AUGMENT_PRESETS, loadAugment } from '../dataset/augment/index.js';
import type { Dataset } from '../dataset/descriptor.js';
import type { BackendRequest } from '../engine/names.js';
import { type ProfileReport, currentStatistics } from '../engine/profile.js';
import { type RunFolder, abandonRunFolder, newRunFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord } from '../runs/runRecord.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { CALLBACKS, CallbackList } from './callbacks/index.js';
import { checkHardShare } from './hardImages.js';
import type { TrainReporter } from './reporter.js';
import { checkResumable } from './resumable.js';
import { Trainer } from './trainer.js';
import { closeTraining, openTraining } from './training.js';

export interface TrainOptions {
  /** What is trained on. */
  dataset: Dataset;
  reporter: TrainReporter;
  /** Aborted: the run is saved where it stands and InterruptedError thrown. */
  signal?: AbortSignal;
  /** Times every kernel; needs a backend that can. */
  profile?: boolean;
  /** Leaves out the views of --tta after the last epoch, for a caller that makes a prediction array of them. */
  skipViews?: boolean;
}

export interface TrainOutcome {
  folder: RunFolder;
  record: RunRecord;
  /** What the backend did, when it was asked for. */
  profile?: ProfileReport;
}

/** The name of a run that was not given one. */
export function defaultRunName({
  recipe,
  seed,
  augment,
  schedule,
  model,
}: Pick<TrainConfig, 'recipe' | 'seed' | 'augment' | 'schedule' | 'model'>): string {
  if (recipe !== 'none') return `${recipe}-s${seed}`;
  const augmentName = augment.replace(/^.*[/\\]/, '').replace(/\.json$/, '');
  const scheduleName = schedule === 'constant' ? '' : `-${schedule}`;
  return `${model}-${augmentName}${scheduleName}-s${seed}`.replace(/[^\w.-]/g, '_');
}

/** Trains a new run from its first step to its end. */
export async function trainNew(
  config: TrainConfig,
  name: string | undefined,
  options: TrainOptions,
): Promise<TrainOutcome> {
  checkHardShare(config);
  const augment = loadAugment(config.augment);
  const folder = newRunFolder(config.modelsDir, name, () => defaultRunName(config));
  try {
    if (isPreset(config.augment)) return await fit(folder, config, undefined, options);
    // An augmentation of the user's own is kept with the run, so that the run can be repeated.
    const ownConfig = { ...config, augment: folder.augment };
    return await fit(folder, ownConfig, undefined, options, () =>
      writeFileAtomic(folder.augment, `${JSON.stringify(augment, null, 2)}\n`),
    );
  } catch (error) {
    // What fails before it has begun leaves nothing, so that the next try has the same name.
    abandonRunFolder(folder);
    throw error;
  }
}

/**
 * Goes on with a run from its checkpoint: an unfinished one to its end, a finished one to more epochs.
 * @param changes only keys of RESUMABLE
 */
export async function trainResumed(
  folder: RunFolder,
  changes: Partial<TrainConfig>,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const record = readRunRecord(folder);
  checkCheckpoint(folder, record);
  // What `auto` took at the start is kept: another backend gives other roundings.
  const backend = { backend: record.backend.name as BackendRequest };
  const config = resolveTrainConfig(record.config, backend, changes);
  // The run's folder may have been moved since.
  if (!isPreset(config.augment)) config.augment = folder.augment;
  const isRescaled = !['constant', 'step'].includes(config.schedule);
  if (isRescaled && config.epochs !== record.config.epochs) {
    options.reporter.note(
      `The ${config.schedule} schedule now spans ${config.epochs} epochs instead of ${record.config.epochs}: the rate goes on from another value.`,
    );
  }
  return fit(folder, config, record, options);
}

/**
 * A run that has come to a result goes on from its checkpoint only: without one it would begin anew and write over it.
 * @throws UsageError when the checkpoint of such a run is not there
 */
function checkCheckpoint(folder: RunFolder, { last, status }: RunRecord): void {
  // A link that leads nowhere is there, too: reading it says what is wrong with it.
  if (lstatSync(folder.checkpoint, { throwIfNoEntry: false }) !== undefined) return;
  const isBegun = last !== undefined || status === 'finished' || existsSync(folder.historyJsonl);
  if (!isBegun) return;
  throw new UsageError(
    `${folder.path} has no checkpoint to go on from (exported folders have none): to train it again, cifar train --config ${folder.config} --name <another>.`,
  );
}

function isPreset(augment: string): boolean {
  return Object.hasOwn(AUGMENT_PRESETS, augment);
}

async function fit(
  folder: RunFolder,
  config: TrainConfig,
  earlier: RunRecord | undefined,
  { dataset, reporter, skipViews = false, signal, profile }: TrainOptions,
  writeExtras: () => void = () => undefined,
): Promise<TrainOutcome> {
  const training = await openTraining(folder, config, {
    ...{ dataset, reporter, skipViews },
    ...(earlier && { earlier }),
  });
  try {
    const statistics = profile === true ? startProfile(training.record.backend.name) : undefined;
    if (earlier !== undefined) checkResumable(training, earlier);
    ensureFolder(folder.path);
    writeExtras();
    // Paths in a configuration file are taken from where it lies.
    const augment = isPreset(config.augment) ? config.augment : basename(folder.augment);
    writeFileAtomic(folder.config, formatConfig({ ...config, augment }));
    const callbacks = new CallbackList(
      CALLBACKS.map((create) => create(training)),
      (line) => reporter.note(line),
    );
    await new Trainer(training, callbacks, signal).fit();
    return { folder, record: training.record, ...(statistics && { profile: statistics.report() }) };
  } finally {
    closeTraining(training);
  }
}

function startProfile(backend: string): NonNullable<ReturnType<typeof currentStatistics>> {
  const statistics = currentStatistics();
  if (statistics === undefined) {
    throw new UsageError(`--profile needs the onednn backend, and ${backend} is in use: leave it out.`);
  }
  statistics.reset();
  statistics.isProfiling = true;
  return statistics;
}
