import { existsSync } from 'node:fs';
import { formatConfig } from '../config/configFile.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { AUGMENT_PRESETS, loadAugment } from '../dataset/augment/index.js';
import { type ProfileReport, currentStatistics } from '../engine/profile.js';
import { UsageError } from '../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../util/files.js';
import { loadCheckpoint } from './checkpoint.js';
import { type Engine, openEngine } from './engine.js';
import type { TrainReporter } from './reporter.js';
import { type RunFolder, newRunFolder } from './runFolder.js';
import { type RunRecord, hardware, readRunRecord, versions, writeRunRecord } from './runRecord.js';
import { createOptimizer, trainData, trainNet } from './trainSetup.js';
import { type TrainingPosition, freshPosition } from './trainingPosition.js';
import { TrainingRun } from './trainingRun.js';

export interface TrainOptions {
  reporter: TrainReporter;
  /** Aborted: the run is saved where it stands and InterruptedError thrown. */
  signal?: AbortSignal;
  /** Times every kernel; needs a backend that can. */
  profile?: boolean;
}

export interface TrainOutcome {
  folder: RunFolder;
  record: RunRecord;
  /** What the backend did, when it was asked for. */
  profile?: ProfileReport;
}

/** The name of a run that was not given one. */
export function defaultRunName(config: TrainConfig): string {
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
  const config = resolveTrainConfig(record.config, changes);
  // The run's folder may have been moved since.
  if (!isPreset(config.augment)) config.augment = folder.augment;
  const epochs = record.config.epochs;
  if (record.status === 'finished' && config.epochs <= epochs) {
    throw new UsageError(
      `${folder.path} has finished its ${epochs} epochs: give --epochs above ${epochs} to train it further.`,
    );
  }
  return run(folder, config, record, options);
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
  const net = trainNet(config);
  const optimizer = createOptimizer(config, net.weights);
  const position: TrainingPosition =
    earlier !== undefined && existsSync(folder.checkpoint)
      ? loadCheckpoint(folder, net.weights, optimizer)
      : freshPosition(Math.floor(data.train.count / config.batchSize));
  if (config.epochs < position.epoch) {
    throw new UsageError(
      `--epochs: expected at least the ${position.epoch} epochs already trained, got ${config.epochs}.`,
    );
  }
  const record: RunRecord = {
    status: 'running',
    startedAt: earlier?.startedAt ?? new Date().toISOString(),
    updatedAt: '',
    config,
    versions: versions(),
    hardware: hardware(),
    backend: { name: engine.name, why: engine.why },
    parameters: net.model.countParams(),
    trainImages: data.train.count,
    validationImages: data.validation.count,
    validatedOn: data.validatedOn,
    ...(position.last === undefined ? {} : { last: position.last }),
    ...(position.best === undefined ? {} : { best: position.best }),
    trainingSeconds: position.finishedSeconds + position.epochSeconds,
    petaflop: 0,
  };
  ensureFolder(folder.path);
  writeExtras();
  const training = new TrainingRun(
    { folder, config, engine, data, net, optimizer, position, record },
    options,
  );
  try {
    writeFileAtomic(folder.config, formatConfig(config));
    writeRunRecord(folder, record);
    await training.toTheEnd();
  } catch (error) {
    if (record.status === 'running') record.status = 'failed';
    writeRunRecord(folder, record);
    throw error;
  } finally {
    await training.dispose();
  }
  return { folder, record, ...(statistics !== undefined && { profile: statistics.report() }) };
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
