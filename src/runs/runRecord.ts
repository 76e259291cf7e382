import * as v from 'valibot';
import type { TrainConfig } from '../config/trainOptions.js';
import { checkOptions, resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { asWritten } from '../config/writtenConfig.js';
import { isAugmentPreset } from '../dataset/augment/presets.js';
import { basename, resolve } from 'node:path';
import { isModule } from '../nets/names.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { amount, count, positiveCount, readJson, share } from '../io/json.js';
import { CifarError, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import type { RunFolder } from './runFolder.js';
import { TEMPERATURES_SCHEMA, type Temperatures } from './temperatures.js';

const STATUSES = [
  'running',
  'finished',
  'interrupted',
  'stopped-early',
  'out-of-time',
  'diverged',
  'failed',
] as const;

/** running: in work, or killed without warning; the others say how training ended. */
export type RunStatus = (typeof STATUSES)[number];

/** Whether a training has come to an end of its own. */
export function hasEnded({ status }: { status: string }): boolean {
  return status === 'finished' || status === 'stopped-early' || status === 'out-of-time';
}

/** Cores kept busy by other programs; below this, what else ran does not show in the times. */
export const NOTABLE_CORES = 0.1;

export interface EpochResult {
  /** 0-based; of a run out of time, the epoch it stopped in. */
  epoch: number;
  loss: number;
  accuracy: number;
}

/** One start of a run: its first, or where it went on. */
export interface RunStart {
  /** ISO 8601, UTC. */
  at: string;
  /** Epoch (0-based) and the step in it that it began with. */
  epoch: number;
  step: number;
  /** This program's commit, with `+changes` where it differed from that; null where it was installed as a package. */
  commit: string | null;
  version: string;
  node: string;
  backend: string;
  /** Number format that convolutions and matrix products were computed in. */
  precision: string;
  /** Threads of the processor that computed; null where the backend does not say. */
  threads: number | null;
  host: string;
}

export interface Hardware {
  cpu: string;
  cores: number;
  memoryGiB: number;
  platform: string;
}

/** What run.json holds: all that is needed to judge the run's result, or to repeat it. */
export interface RunRecord {
  status: RunStatus;
  startedAt: string;
  updatedAt: string;
  config: TrainConfig;
  /** Every start of the run, in order; those before version 0.2 are not in it. */
  starts: RunStart[];
  versions: { cifar: string; tfjs: string; node: string };
  hardware: Hardware;
  backend: { name: string; why: string };
  /** Images computed at once; batch normalisation takes its statistics over them. */
  microBatch: number;
  parameters: number;
  /** Arithmetic of a forward pass, an image, in 10⁹ floating-point operations. */
  forwardGigaflop: number;
  /** The same of the smaller images of --image-sizes, by their side in pixels. */
  smallGigaflop?: Readonly<Record<string, number>>;
  /** Arithmetic of an image's training step with the first group frozen, likewise, by the side or `full`. */
  frozenGigaflop?: Readonly<Record<string, number>>;
  trainImages: number;
  validationImages: number;
  /** Where validation is made: the article's protocol uses the test set. */
  validatedOn: 'test set' | 'held-out training images';
  /** The run's result: that of its last epoch. */
  last?: EpochResult;
  /** The best epoch's, for information: picking it is a choice made on the validation images. */
  best?: EpochResult;
  /** The last epoch's with the views of --tta averaged. */
  tta?: { preset: ViewPreset; loss: number; accuracy: number };
  /** Of a run with a network of the user's own: the SHA-256 sum of what builds it. */
  networkSha256?: string;
  /** What the last model's logits are divided by for calibrated probabilities. */
  temperatures?: Temperatures;
  /** Of a run that began from another's state: whose, after how many epochs, and what the shared part had taken. */
  forkedFrom?: { run: string; epoch: number; trainingSeconds: number; petaflop: number };
  /** Of a model that was trained elsewhere: its file, and the numbers that it takes for black and white. */
  imported?: { file: string; sha256: string; range: string };
  /** Of an exported folder: which of the run's models its only one, `last`, was. */
  exported?: 'last' | 'best';
  /** Of an exported folder: what its weights divide the logits by already. */
  foldedTemperature?: number;
  /** Training time in all, interruptions, validation and steps in which the process was halted left out. */
  trainingSeconds: number;
  /** Cores that other programs kept busy while it trained, on average: above a few hundredths, times are a shared machine's. */
  othersCores?: number;
  /** Arithmetic spent on training steps, 3 × forward an image and what the proxy took, in 10¹⁵ floating-point operations. */
  petaflop: number;
  /** Images that steps were made on, each as often as it was used. */
  imagesTrained: number;
}

/** Which images a run is measured on, in a word. */
export function measuredOn({ validatedOn }: Pick<RunRecord, 'validatedOn'>): 'test' | 'held-out' {
  return validatedOn === 'test set' ? 'test' : 'held-out';
}

export function writeRunRecord(folder: RunFolder, record: RunRecord): void {
  const travelling = { ...record, config: travellingConfig(folder, record.config) };
  writeFileAtomic(
    folder.record,
    `${JSON.stringify({ ...travelling, updatedAt: new Date().toISOString() }, null, 2)}\n`,
  );
}

/** A run's options as its files hold them: paths are relative to its folder, which may be moved. */
export function travellingConfig(folder: RunFolder, config: TrainConfig): TrainConfig {
  return isAugmentPreset(config.augment) ? config : { ...config, augment: basename(folder.augment) };
}

export const EPOCH_RESULT = v.looseObject({ epoch: count, loss: amount, accuracy: share });

/** Of run.json, what the program relies on; its `config` is checked by the table of options. */
const RUN_RECORD = v.looseObject({
  status: v.picklist(STATUSES),
  startedAt: v.string(),
  updatedAt: v.string(),
  config: v.looseObject({}),
  // The first records have neither starts nor a count of images.
  starts: v.optional(
    v.array(
      v.looseObject({
        at: v.string(),
        epoch: count,
        step: count,
        commit: v.nullable(v.string()),
        version: v.string(),
        node: v.string(),
        backend: v.string(),
        precision: v.string(),
        threads: v.nullable(positiveCount),
        host: v.string(),
      }),
    ),
    [],
  ),
  versions: v.looseObject({ cifar: v.string(), tfjs: v.string(), node: v.string() }),
  hardware: v.looseObject({ cpu: v.string(), cores: count, memoryGiB: amount, platform: v.string() }),
  backend: v.looseObject({ name: v.string(), why: v.string() }),
  microBatch: positiveCount,
  parameters: count,
  forwardGigaflop: amount,
  smallGigaflop: v.optional(v.record(v.string(), amount)),
  frozenGigaflop: v.optional(v.record(v.string(), amount)),
  trainImages: count,
  validationImages: count,
  validatedOn: v.picklist(['test set', 'held-out training images']),
  last: v.optional(EPOCH_RESULT),
  best: v.optional(EPOCH_RESULT),
  tta: v.optional(v.looseObject({ preset: v.string(), loss: amount, accuracy: share })),
  networkSha256: v.optional(v.string()),
  temperatures: v.optional(TEMPERATURES_SCHEMA),
  foldedTemperature: v.optional(amount),
  forkedFrom: v.optional(
    v.looseObject({ run: v.string(), epoch: positiveCount, trainingSeconds: amount, petaflop: amount }),
  ),
  imported: v.optional(v.looseObject({ file: v.string(), sha256: v.string(), range: v.string() })),
  exported: v.optional(v.picklist(['last', 'best'])),
  trainingSeconds: amount,
  othersCores: v.optional(amount),
  petaflop: amount,
  imagesTrained: v.optional(count),
});

/** @throws CifarError naming the file and the field that is wrong */
export function readRunRecord(folder: RunFolder): RunRecord {
  const refuse = (reason: string, cause: unknown): CifarError =>
    new CifarError(`Cannot read the run's record ${folder.record}: ${reason}.`, { cause });
  const record = readJson(folder.record, RUN_RECORD, refuse);
  try {
    const saved = checkOptions({ ...record.config }, (key) => `config.${key}`);
    const config = resolveTrainConfig(asWritten(saved));
    // An augmentation of the run's own lies beside the record, wherever the folder has come to.
    if (!isAugmentPreset(config.augment)) config.augment = folder.augment;
    // An exported folder holds its network's module.
    if (isModule(config.model)) config.model = resolve(folder.path, config.model);
    const imagesTrained =
      record.imagesTrained ?? Math.round((record.petaflop * 1e6) / (3 * record.forwardGigaflop));
    return { ...(record as unknown as RunRecord), config, imagesTrained };
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
}
