import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatConfig } from '../config/configFile.js';
import { differingOptions } from '../config/differingOptions.js';
import { FULL_SIZE, smallSizes } from '../config/imageSizes.js';
import { flagOf } from '../config/optionSpec.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { wholeEpochs } from '../config/wholeEpochs.js';
import { readSafetensors } from '../io/safetensors.js';
import type { ParameterRole } from '../nn/optimizers/optimizer.js';
import { HistoryWriter } from '../runs/history.js';
import { type RunFolder, keptEpochs, keptState, runFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord, travellingConfig, writeRunRecord } from '../runs/runRecord.js';
import { UsageError, codeOf } from '../util/errors.js';
import { ensureFolder, partName, writeError, writeFileAtomic } from '../util/files.js';
import { copyState } from './keptStates.js';
import { LearningRates } from './learningRates.js';
import { totalSteps, trainedImages, trainingSeconds } from './position.js';
import { readPosition } from './savedPosition.js';
import { courseOf, freezeBegin } from './freezing.js';
import { stepFlops, stretches } from './stretches.js';

/** Where a run begins from: another run's state after so many finished epochs. */
export interface ForkPoint {
  parent: RunFolder;
  epoch: number;
}

/** May differ before the fork: the end alone depends on them. The schedule's are compared by the rates they give. */
const LATER: readonly (keyof TrainConfig)[] = [
  ...(['tta', 'epochs', 'schedule', 'stepEpochs', 'stepFactors'] as const),
  ...(['peakAt', 'firstFactor', 'lastFactor', 'floorShare', 'warmupEpochs'] as const),
  ...(['imageSizes', 'freezeAt'] as const),
];

/** Belong to one schedule each, and are the default's under another. */
const OF_A_SCHEDULE = [
  ...(['stepEpochs', 'stepFactors', 'peakAt', 'firstFactor', 'lastFactor', 'floorShare'] as const),
] as const;

const ROLES: readonly ParameterRole[] = ['filter', 'kernel', 'bias', 'norm', 'whitening', 'head'];

/**
 * The options of a run that begins from another's state: the other's, with what is given over them.
 * @throws UsageError when that state was not kept, or the two would have differed before it
 */
export function forkConfig({ parent, epoch }: ForkPoint, given: Partial<TrainConfig>): TrainConfig {
  const record = readRunRecord(parent);
  checkKept({ parent, epoch });
  const isOther = given.schedule !== undefined && given.schedule !== record.config.schedule;
  const reset = isOther
    ? Object.fromEntries(OF_A_SCHEDULE.map((key) => [key, TRAIN_OPTIONS[key].default]))
    : {};
  const config = resolveTrainConfig({ ...record.config, keepCheckpoints: [], ...reset, ...given });
  checkShared(record, config, epoch);
  return config;
}

function checkKept({ parent, epoch }: ForkPoint): void {
  const kept = keptEpochs(parent);
  if (kept.includes(epoch)) return;
  throw new UsageError(
    `${parent.path} has not kept its state after epoch ${epoch}: ` +
      (kept.length > 0
        ? `kept are those after ${kept.join(', ')}.`
        : `train it with --keep-checkpoints ${epoch}; --resume takes that, too, for epochs to come.`),
  );
}

function checkShared({ config: before, trainImages }: RunRecord, config: TrainConfig, epoch: number): void {
  const refuse = (what: string): UsageError =>
    new UsageError(
      `A run forked after epoch ${epoch} cannot differ before it, and does in ${what}: train a new run.`,
    );
  const other = differingOptions(before, config).find((key) => !LATER.includes(key));
  if (other !== undefined)
    throw refuse(`${flagOf(other)} (${String(before[other])}, ${String(config[other])})`);
  if (wholeEpochs(config.epochs) <= epoch) {
    throw new UsageError(`--epochs: expected more than the ${epoch} already trained, got ${config.epochs}.`);
  }
  // Its share of the slow weights depends on how long training is to be.
  if (config.lookahead > 0 && config.epochs !== before.epochs)
    throw refuse('--epochs, which --lookahead depends on');
  if (config.tailAverage > 0 && (config.epochs !== before.epochs || config.floorShare !== before.floorShare))
    throw refuse('--epochs or --floor-share, which --tail-average depends on');
  const [muonFirst, muonLast] = config.muonRescale;
  if (config.optimizer === 'muon' && muonFirst !== muonLast && config.epochs !== before.epochs)
    throw refuse('--epochs, which --muon-rescale depends on');
  const [sizesA, sizesB] = [before, config].map(smallSizes);
  for (let e = 0; e < epoch; e++)
    if (sizesA.at(e) !== sizesB.at(e)) throw refuse(`--image-sizes, from epoch ${e + 1} on`);
  const stepsPerEpoch = Math.floor(trainImages / config.batchSize);
  const [frozenA, frozenB] = [before, config].map((each) => freezeBegin(each, stepsPerEpoch));
  if (frozenA !== frozenB && Math.min(frozenA, frozenB) < totalSteps(epoch, stepsPerEpoch))
    throw refuse('--freeze-at, or --epochs, which it is a share of');
  const [a, b] = [before, config].map((each) => new LearningRates(each, stepsPerEpoch));
  for (let step = 0; step < totalSteps(epoch, stepsPerEpoch); step++) {
    if (ROLES.every((role) => a.of(role, step) === b.of(role, step))) continue;
    throw refuse(`the learning rate, from epoch ${Math.floor(step / stepsPerEpoch) + 1} on`);
  }
}

/**
 * Makes the folder of a run that stands where another stood after so many epochs, ready to be resumed. It appears whole, and
 * lives without the other.
 * @param nameOf the n-th name to try, from 1; undefined when there is no further one
 * @throws UsageError when all names are taken
 */
export function forkRun(
  point: ForkPoint,
  config: TrainConfig,
  nameOf: (attempt: number) => string | undefined,
): RunFolder {
  const { parent, epoch } = point;
  ensureFolder(config.modelsDir);
  const part = runFolder(partName(join(config.modelsDir, 'fork')));
  try {
    mkdirSync(part.path);
    copyState(keptState(parent, epoch), part.path);
    writeFork(part, point, config);
    for (let attempt = 1; ; attempt++) {
      const name = nameOf(attempt);
      if (name === undefined)
        throw new UsageError(`There is already a run ${nameOf(1) ?? ''}: choose another --name.`);
      const folder = runFolder(join(config.modelsDir, name));
      if (claim(part.path, folder.path)) return folder;
    }
  } catch (error) {
    rmSync(part.path, { recursive: true, force: true });
    throw codeOf(error)?.startsWith('E') === true ? writeError(dirname(part.path), error) : error;
  }
}

/** Share of a run's arithmetic that its first epochs took. */
function arithmeticShare(
  { config, imagesTrained, forwardGigaflop, smallGigaflop = {}, frozenGigaflop = {} }: RunRecord,
  epoch: number,
  stepsPerEpoch: number,
): number {
  const course = courseOf(config, stepsPerEpoch);
  const flopsOf = (updates: number): number =>
    stepFlops(stretches(0, updates, course), 1, ({ side, isFrozen }) => {
      const trained = 3 * (side === undefined ? forwardGigaflop : (smallGigaflop[side] ?? forwardGigaflop));
      return isFrozen ? (frozenGigaflop[side ?? FULL_SIZE] ?? trained) : trained;
    });
  return flopsOf(totalSteps(epoch, stepsPerEpoch)) / flopsOf(imagesTrained / trainedImages(config));
}

/** Renaming claims a name: where there is a folder with anything in it, it fails. */
function claim(part: string, path: string): boolean {
  try {
    renameSync(part, path);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

function writeFork(folder: RunFolder, { parent, epoch }: ForkPoint, config: TrainConfig): void {
  const record = readRunRecord(parent);
  // The parent's end is not the fork's.
  delete record.tta;
  const { metadata } = readSafetensors(folder.checkpoint);
  const position = readPosition(folder.checkpoint, metadata);
  const { last, best } = position;
  const images = totalSteps(epoch, position.stepsPerEpoch) * trainedImages(config);
  const petaflop = record.petaflop * arithmeticShare(record, epoch, position.stepsPerEpoch);
  const seconds = trainingSeconds(position);
  if (existsSync(parent.augment)) copyFileSync(parent.augment, folder.augment);
  new HistoryWriter(folder).write(position.history);
  writeRunRecord(folder, {
    ...record,
    status: 'interrupted',
    startedAt: new Date().toISOString(),
    config,
    starts: record.starts.filter((start) => start.epoch < epoch),
    forkedFrom: { run: parent.name, epoch, trainingSeconds: seconds, petaflop },
    ...(last && { last }),
    ...(best && { best }),
    ...{ trainingSeconds: seconds, petaflop, imagesTrained: images },
  });
  writeFileAtomic(folder.config, formatConfig(travellingConfig(folder, config)));
}
