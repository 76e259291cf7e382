import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { formatConfig } from '../config/configFile.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { AUGMENT_PRESETS, loadAugment } from '../dataset/augment/index.js';
import { type ProfileReport, currentStatistics } from '../engine/profile.js';
import type { BackendRequest } from '../engine/names.js';
import { programCommit } from '../util/commit.js';
import { formatDuration } from '../util/duration.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { loadCheckpoint } from './checkpoint.js';
import { type Engine, openEngine } from './engine.js';
import type { TrainReporter } from './reporter.js';
import { HardImages, checkHardShare } from './hardImages.js';
import { type RunFolder, newRunFolder } from './runFolder.js';
import {
  type RunRecord,
  type RunStart,
  type RunStatus,
  hardware,
  readRunRecord,
  versions,
} from './runRecord.js';
import { createAverage, createOptimizer, trainData, trainNet } from './trainSetup.js';
import {
  type TrainingPosition,
  endOf,
  freshPosition,
  stepsDone,
  totalSteps,
  trainingSeconds,
} from './trainingPosition.js';
import { TrainingRun } from './trainingRun.js';

export interface TrainOptions {
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
export function defaultRunName(config: TrainConfig): string {
  if (config.recipe !== 'none') return `${config.recipe}-s${config.seed}`;
  const augment = config.augment.replace(/^.*[/\\]/, '').replace(/\.json$/, '');
  const schedule = config.schedule === 'constant' ? '' : `-${config.schedule}`;
  return `${config.model}-${augment}${schedule}-s${config.seed}`.replace(/[^\w.-]/g, '_');
}

/** Trains a new run from its first step to its end. */
export async function trainNew(
  config: TrainConfig,
  name: string | undefined,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const augment = loadAugment(config.augment);
  checkHardShare(config);
  const folder = newRunFolder(config.modelsDir, name, defaultRunName(config));
  if (isPreset(config.augment)) return run(folder, config, undefined, options);
  // An augmentation of the user's own is kept with the run, so that the run can be repeated.
  const ownConfig = { ...config, augment: folder.augment };
  return run(folder, ownConfig, undefined, options, () =>
    writeFileAtomic(folder.augment, `${JSON.stringify(augment, null, 2)}\n`),
  );
}

function isPreset(augment: string): boolean {
  return Object.hasOwn(AUGMENT_PRESETS, augment);
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
  return run(folder, config, record, options);
}

/** @throws UsageError when a run is not to be trained as far as it has been, or cannot go on from its end */
function checkLength(
  folder: RunFolder,
  epochs: number,
  position: TrainingPosition,
  { status, config }: RunRecord,
): void {
  if (position.epoch > config.epochs && (status === 'finished' || epochs !== config.epochs)) {
    throw new UsageError(
      `${folder.path} has finished its ${config.epochs} epochs, the last of them in part, and cannot go on from there: train a new run.`,
    );
  }
  const { stepsPerEpoch } = position;
  const done = stepsDone(position, config.epochs);
  if (done > totalSteps(epochs, stepsPerEpoch)) {
    const trained = Math.ceil((100 * done) / stepsPerEpoch) / 100;
    throw new UsageError(`--epochs: expected at least the ${trained} epochs already trained, got ${epochs}.`);
  }
}

/** @throws UsageError when a run that has ended would end again at once */
function checkUnfinished(
  folder: RunFolder,
  config: TrainConfig,
  position: TrainingPosition,
  status: RunStatus,
): void {
  // A run killed between its last checkpoint and its record still says that it is running, and only needs its end.
  if (status === 'running' || status === 'interrupted') return;
  switch (endOf(position, config)) {
    case 'finished':
      throw new UsageError(
        `${folder.path} has finished its ${position.epoch} epochs: give --epochs above ${position.epoch} to train it further.`,
      );
    case 'stopped-early':
      throw new UsageError(
        `${folder.path} stopped early, after ${position.epochsWithoutGain} epochs without a gain: give --early-stop above that, or 0, to train it further.`,
      );
    case 'out-of-time':
      throw new UsageError(
        `${folder.path} has used up its time: give --max-time above ${formatDuration(trainingSeconds(position))}, or 0s, to train it further.`,
      );
    case undefined:
  }
}

async function run(
  folder: RunFolder,
  config: TrainConfig,
  earlier: RunRecord | undefined,
  options: TrainOptions,
  writeExtras: () => void = () => undefined,
): Promise<TrainOutcome> {
  const data = trainData(config);
  const engine = await openEngine(config);
  const statistics = options.profile === true ? startProfile(engine) : undefined;
  const net = trainNet(config, data.train);
  const optimizer = createOptimizer(config, net.weights);
  const average = createAverage(config, net.weights);
  const hardImages = config.hardShare < 1 ? new HardImages(config, data.train) : undefined;
  const position: TrainingPosition =
    earlier !== undefined && existsSync(folder.checkpoint)
      ? loadCheckpoint(folder, { weights: net.weights, optimizer, average, hardImages })
      : freshPosition(Math.floor(data.train.count / config.batchSize));
  if (earlier !== undefined) {
    checkLength(folder, config.epochs, position, earlier);
    checkUnfinished(folder, config, position, earlier.status);
  }
  const record: RunRecord = {
    status: 'running',
    startedAt: earlier?.startedAt ?? new Date().toISOString(),
    updatedAt: '',
    config,
    starts: [...(earlier?.starts ?? []), startOf(engine, position)],
    versions: versions(),
    hardware: hardware(),
    backend: { name: engine.name, why: engine.why },
    microBatch: 0,
    parameters: net.model.countParams(),
    forwardGigaflop: net.forwardFlops / 1e9,
    trainImages: data.train.count,
    validationImages: data.validation.count,
    validatedOn: data.validatedOn,
    ...(position.last === undefined ? {} : { last: position.last }),
    ...(position.best === undefined ? {} : { best: position.best }),
    ...(earlier?.tta === undefined ? {} : { tta: earlier.tta }),
    trainingSeconds: trainingSeconds(position),
    petaflop: 0,
    imagesTrained: 0,
  };
  ensureFolder(folder.path);
  writeExtras();
  const training = new TrainingRun(
    { folder, config, engine, data, net, optimizer, average, hardImages, position, record },
    options,
  );
  try {
    // Paths in a configuration file are taken from where it lies.
    const augment = isPreset(config.augment) ? config.augment : basename(folder.augment);
    writeFileAtomic(folder.config, formatConfig({ ...config, augment }));
    await training.toTheEnd();
  } catch (error) {
    // What went wrong first is what the user must hear of, even if these fail too, on a full disk for instance.
    await Promise.resolve()
      .then(() => training.fail())
      .catch(() => undefined);
    await training.dispose().catch(() => undefined);
    throw error;
  }
  await training.dispose();
  return { folder, record, ...(statistics !== undefined && { profile: statistics.report() }) };
}

function startOf({ name, precision, threads }: Engine, { epoch, stepInEpoch }: TrainingPosition): RunStart {
  const { cifar, node } = versions();
  return {
    at: new Date().toISOString(),
    epoch,
    step: stepInEpoch,
    commit: programCommit() ?? null,
    version: cifar,
    node,
    backend: name,
    precision,
    threads,
    host: hostname(),
  };
}

function startProfile(engine: Engine): NonNullable<ReturnType<typeof currentStatistics>> {
  const statistics = currentStatistics();
  if (statistics === undefined) {
    throw new UsageError(`--profile needs the onednn backend, and ${engine.name} is in use: leave it out.`);
  }
  statistics.reset();
  statistics.isProfiling = true;
  return statistics;
}
