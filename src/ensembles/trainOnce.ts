import { join } from 'node:path';
import { existsSync } from 'node:fs';
import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { flagOf } from '../config/optionSpec.js';
import { UsageError } from '../util/errors.js';
import { type RunFolder, runFolder } from '../runs/runFolder.js';
import { type RunRecord, hasEnded, readRunRecord } from '../runs/runRecord.js';
import { INCIDENTAL, RESUMABLE } from '../config/resumable.js';
import { type TrainOptions, trainNew, trainResumed } from '../training/train.js';

export interface TrainedOnce {
  folder: RunFolder;
  record: RunRecord;
  /** False when the run had been trained to its end before. */
  isNew: boolean;
}

/**
 * Brings the run of a given name to its end: keeps a finished one, goes on with an interrupted one, begins a missing one.
 * @throws UsageError when a run of that name has another configuration
 */
export async function trainOnce(
  name: string,
  config: TrainConfig,
  options: TrainOptions,
): Promise<TrainedOnce> {
  const folder = runFolder(join(config.modelsDir, name));
  if (!existsSync(folder.record)) return { ...(await trainNew(config, name, options)), isNew: true };
  const record = readRunRecord(folder);
  checkSame(folder, record.config, config);
  checkComputedAlike(folder, record, config);
  if (wouldEndThere(record, config)) return { folder, record, isNew: false };
  const changes = Object.fromEntries(RESUMABLE.map((key) => [key, config[key]])) as Partial<TrainConfig>;
  // `auto` stands for what the run began with.
  if (config.backend === 'auto') delete changes.backend;
  if (config.precision === 'auto') delete changes.precision;
  if (config.threads === 0) delete changes.threads;
  return { ...(await trainResumed(folder, changes, options)), isNew: true };
}

function checkSame(folder: RunFolder, earlier: TrainConfig, wanted: TrainConfig): void {
  for (const key of Object.keys(wanted) as (keyof TrainConfig)[]) {
    if (INCIDENTAL.includes(key) || isSame(key, earlier, wanted)) continue;
    throw new UsageError(
      `${folder.path} was trained with ${flagOf(key)} ${String(earlier[key])}, but ${String(wanted[key])} is asked for now: ` +
        'give another --models-dir, or remove that folder.',
    );
  }
}

/**
 * A kept run's figures are of what it was computed with: where something else is asked for by name, they would be false.
 * @throws UsageError naming what differs
 */
function checkComputedAlike(folder: RunFolder, { starts, backend }: RunRecord, wanted: TrainConfig): void {
  const asked = {
    backend: wanted.backend === 'auto' ? undefined : wanted.backend,
    precision: wanted.precision === 'auto' ? undefined : wanted.precision,
    threads: wanted.threads === 0 ? undefined : wanted.threads,
  };
  const computed =
    starts.length > 0 ? starts : [{ backend: backend.name, precision: undefined, threads: undefined }];
  for (const key of ['backend', 'precision', 'threads'] as const) {
    const other = computed.find((start) => start[key] !== undefined && start[key] !== asked[key]);
    if (asked[key] === undefined || other === undefined) continue;
    throw new UsageError(
      `${folder.path} was computed with ${flagOf(key)} ${String(other[key])}, but ${asked[key]} is asked for now: ` +
        'give another --models-dir, or remove that folder.',
    );
  }
}

function isSame(key: keyof TrainConfig, a: TrainConfig, b: TrainConfig): boolean {
  const valueOf = (config: TrainConfig): unknown =>
    key === 'augment' ? loadAugment(config.augment) : config[key];
  return JSON.stringify(valueOf(a)) === JSON.stringify(valueOf(b));
}

/** Whether a run has ended, and would end there again under the limits wanted now. */
function wouldEndThere({ status, config }: RunRecord, wanted: TrainConfig): boolean {
  if (status === 'finished') return true;
  const hasSameLimits = config.earlyStop === wanted.earlyStop && config.maxTime === wanted.maxTime;
  return hasSameLimits && hasEnded({ status });
}
