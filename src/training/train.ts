import { existsSync, lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkImageSizes } from '../config/imageSizes.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { isAugmentPreset as isPreset, loadAugment } from '../dataset/augment/index.js';
import { usableCores } from '../engine/cores.js';
import type { BackendRequest } from '../engine/names.js';
import type { Precision } from '../engine/provider.js';
import { OWN_NET, isModule, netTitle } from '../nets/names.js';
import { Owner } from '../runs/owner.js';
import { type RunFolder, abandonRunFolder, checkRunName, newRunFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord } from '../runs/runRecord.js';
import { UsageError } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import type { TrainOptions, TrainOutcome, fit } from './fit.js';
import { type ForkPoint, forkConfig, forkRun } from './fork.js';
import { checkHardShare } from './hardShare.js';

export type { ForkPoint, TrainOptions, TrainOutcome };

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
  const name = netTitle(model).replace(OWN_NET, '');
  return `${name}-${augmentName}${scheduleName}-s${seed}`.replace(/[^\w.-]/g, '_');
}

/** Trains a new run from its first step to its end. */
export async function trainNew(
  config: TrainConfig,
  name: string | undefined,
  options: TrainOptions,
): Promise<TrainOutcome> {
  checkHardShare(config);
  checkImageSizes(config, options.dataset.imageShape[0]);
  const augment = loadAugment(config.augment);
  // A run's record must lead to it from any folder.
  if (isModule(config.model)) config = { ...config, model: resolve(config.model) };
  const { folder, owner } = newRunFolder(config.modelsDir, name, () => defaultRunName(config));
  try {
    if (isPreset(config.augment)) return await (await fitter())(folder, config, owner, undefined, options);
    // An augmentation of the user's own is kept with the run, so that the run can be repeated.
    const ownConfig = { ...config, augment: folder.augment };
    return await (
      await fitter()
    )(folder, ownConfig, owner, undefined, options, () =>
      writeFileAtomic(folder.augment, `${JSON.stringify(augment, null, 2)}\n`),
    );
  } finally {
    owner.release();
    // What fails before it has begun leaves nothing, so that the next try has the same name.
    abandonRunFolder(folder);
  }
}

/**
 * Begins a run from another's kept state, and trains it to its end.
 * @param given options that differ from the other's
 * @throws UsageError when the state was not kept, or the two would have differed before it
 */
export async function trainForked(
  point: ForkPoint,
  given: Partial<TrainConfig>,
  name: string | undefined,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const config = forkConfig(point, given);
  if (name !== undefined) checkRunName(name);
  const base = defaultRunName(config);
  const folder = forkRun(point, config, (attempt) => {
    if (name !== undefined) return attempt === 1 ? name : undefined;
    return attempt === 1 ? base : `${base}-${attempt}`;
  });
  return trainResumed(folder, {}, options);
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
  const owner = Owner.acquire(folder.path, options.takeOver);
  try {
    return await resume(folder, owner, changes, options);
  } finally {
    owner.release();
  }
}

async function resume(
  folder: RunFolder,
  owner: Owner,
  changes: Partial<TrainConfig>,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const record = readRunRecord(folder);
  checkCheckpoint(folder, record);
  const config = resolveTrainConfig(record.config, keptEngine(record, changes), changes);
  const isRescaled = !['constant', 'step'].includes(config.schedule);
  if (isRescaled && config.epochs !== record.config.epochs) {
    options.reporter.note(
      `The ${config.schedule} schedule now spans ${config.epochs} epochs instead of ${record.config.epochs}: the rate goes on from another value.`,
    );
  }
  if (config.schedule === 'step' && config.epochs !== record.config.epochs) {
    const boundaries = config.stepEpochs.map((epoch) => Number((epoch + 1).toFixed(2))).join(' and ');
    options.reporter.note(
      `The step schedule stays as the run began with it: the rate is lower from epochs ${boundaries} on, whatever --epochs is now.`,
    );
  }
  return (await fitter())(folder, config, owner, record, options);
}

/**
 * What `auto` took at the start is kept: another backend, or another number format, gives other roundings. Where this machine
 * has not got it, the run is refused rather than changed without a word; fewer cores are said when it goes on.
 */
function keptEngine(
  { backend, config, starts }: RunRecord,
  changes: Partial<TrainConfig>,
): Partial<Pick<TrainConfig, 'backend' | 'precision' | 'threads'>> {
  const name = backend.name as BackendRequest;
  const last = starts.at(-1);
  if (last === undefined || name !== 'onednn' || (changes.backend ?? name) !== name) return { backend: name };
  const isPrecisionOpen = config.precision === 'auto' && changes.precision === undefined;
  const areThreadsOpen = config.threads === 0 && changes.threads === undefined && last.threads !== null;
  return {
    backend: name,
    ...(isPrecisionOpen && { precision: last.precision as Precision }),
    ...(areThreadsOpen && { threads: Math.min(last.threads ?? 1, usableCores()) }),
  };
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

/** What computes is loaded when all that can be refused has been. */
async function fitter(): Promise<typeof fit> {
  return (await import('./fit.js')).fit;
}
