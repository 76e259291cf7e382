import { lstatSync } from 'node:fs';
import { hostname } from 'node:os';
import { FULL_SIZE } from '../config/imageSizes.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { Dataset } from '../dataset/descriptor.js';
import { type BuildOwnNet, largestTensorBytes } from '../nets/index.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { type Engine, microBatchFor, openEngine } from '../runs/openEngine.js';
import type { Owner } from '../runs/owner.js';
import type { RunFolder } from '../runs/runFolder.js';
import { hardware, versions } from '../runs/environment.js';
import type { RunRecord } from '../runs/runRecord.js';
import { expectedTemperatures } from '../runs/temperatures.js';
import { programCommit } from '../util/commit.js';
import { CifarError } from '../util/errors.js';
import { checkSizes } from './checkSizes.js';
import { loadCheckpoint } from './checkpoint.js';
import { type TrainData, loadTrainData } from './data.js';
import { HardImages } from './hardImages.js';
import { courseOf } from './freezing.js';
import { freshLossScale } from './lossScale.js';
import { LearningRates } from './learningRates.js';
import { networkSum } from './networkSource.js';
import { createAverage, createOptimizer } from './optimizer.js';
import { type TrainingPosition, freshPosition, totalSteps, trainingSeconds } from './position.js';
import type { TrainReporter } from './reporter.js';
import type { Course } from './stretches.js';
import { type TrainNet, trainNet } from './trainNet.js';

/** A run in training: what is trained, on what and by what, and how far it has come. */
export interface Training {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly data: TrainData;
  readonly net: TrainNet;
  readonly optimizer: Optimizer;
  readonly average: WeightAverage | undefined;
  /** Picks the images of a batch to train on; undefined when all are. */
  readonly hardImages: HardImages | undefined;
  readonly rates: LearningRates;
  /** Advanced in place. */
  readonly position: TrainingPosition;
  readonly course: Course;
  /** Kept up to date in place. */
  readonly record: RunRecord;
  readonly reporter: TrainReporter;
  /** The right to write into the run's folder. */
  readonly owner: Owner;
  /** Leaves out the views of --tta after the last epoch, for a caller that makes a prediction array of them. */
  readonly skipViews: boolean;
}

export interface OpenOptions {
  readonly dataset: Dataset;
  readonly reporter: TrainReporter;
  readonly owner: Owner;
  readonly skipViews?: boolean;
  /** Builds the network, where that is a function of the program. */
  readonly network?: BuildOwnNet;
  /** The record that an earlier start of the run left; undefined for a new run. */
  readonly earlier?: RunRecord;
}

/**
 * Loads data and backend, builds the net, and brings everything to where the run stands: its beginning, or its
 * checkpoint. Writes nothing.
 */
export async function openTraining(
  folder: RunFolder,
  config: TrainConfig,
  { dataset, reporter, owner, skipViews = false, network, earlier }: OpenOptions,
): Promise<Training> {
  const networkSha256 = networkSum(config.model, network, earlier);
  const data = loadTrainData(dataset, config);
  const engine = await openEngine(config, { mayTry: true });
  const net = await trainNet(config, data.train, network);
  const stepsPerEpoch = Math.floor(data.train.count / config.batchSize);
  const course = courseOf(config, stepsPerEpoch);
  checkSizes(net, config, course.smallSizes);
  const updates = totalSteps(config.epochs, stepsPerEpoch);
  const state = {
    net,
    optimizer: createOptimizer(config, net.weights, updates),
    average: createAverage(config, net.weights, stepsPerEpoch),
    hardImages: config.hardShare < 1 ? await HardImages.create(config, data.train, updates) : undefined,
  };
  const position =
    earlier !== undefined && lstatSync(folder.checkpoint, { throwIfNoEntry: false }) !== undefined
      ? loadCheckpoint(folder, state)
      : freshPosition(stepsPerEpoch);
  checkPosition(folder, position, stepsPerEpoch);
  scaleLoss(position, engine.precision === 'f16');
  const { optimizer, average, hardImages } = state;
  return {
    ...{ folder, config, data, net, optimizer, average, hardImages, position, reporter, owner, skipViews },
    course,
    rates: new LearningRates(config, position.stepsPerEpoch),
    record: {
      ...newRecord({ config, engine, data, net, position, earlier, sides: course.smallSizes }),
      ...(networkSha256 !== undefined && { networkSha256 }),
    },
  };
}

/** Of a run that went on in another number format, earlier scales mean nothing. */
function scaleLoss(position: TrainingPosition, isHalf: boolean): void {
  for (const key of ['lossScale', 'proxyLossScale'] as const) {
    if (isHalf) position[key] ??= freshLossScale();
    else delete position[key];
  }
}

/** @throws CifarError when a checkpoint stands where its run cannot */
function checkPosition(folder: RunFolder, { stepsPerEpoch }: TrainingPosition, expected: number): void {
  if (stepsPerEpoch === expected) return;
  throw new CifarError(
    `${folder.checkpoint} does not belong to ${folder.record}: it has ${stepsPerEpoch} steps an epoch, the run ${expected}.`,
  );
}

/** Gives back what holds tensors. */
export function closeTraining({ net, optimizer, average, hardImages }: Training): void {
  optimizer.dispose();
  average?.dispose();
  hardImages?.dispose();
  net.model.dispose();
}

/** Does something with the weights that are to be judged and saved: the average's, where there is one. */
export async function withAverage<T>(
  { average }: Pick<Training, 'average'>,
  action: () => Promise<T>,
): Promise<T> {
  average?.exchange();
  try {
    return await action();
  } finally {
    average?.exchange();
  }
}

function newRecord({
  config,
  engine,
  data,
  net,
  position,
  earlier,
  sides,
}: Pick<Training, 'config' | 'data' | 'net' | 'position'> & {
  engine: Engine;
  earlier: RunRecord | undefined;
  sides: readonly (number | undefined)[];
}): RunRecord {
  const { last, best } = position;
  const { tta, forkedFrom } = earlier ?? {};
  return {
    status: 'running',
    startedAt: earlier?.startedAt ?? new Date().toISOString(),
    updatedAt: '',
    config,
    starts: [...(earlier?.starts ?? []), startOf(engine, position)],
    versions: versions(),
    hardware: hardware(),
    backend: {
      name: engine.name,
      why: earlier?.backend.name === engine.name ? 'the one that the run began with' : engine.why,
    },
    microBatch: microBatchFor(engine, config.microBatch, config.batchSize, largestTensorBytes(net.model)),
    parameters: net.model.countParams(),
    forwardGigaflop: net.flopsAt() / 1e9,
    ...(sides.length > 0 && {
      smallGigaflop: Object.fromEntries(
        sides.filter((side) => side !== undefined).map((side) => [side, net.flopsAt(side) / 1e9]),
      ),
    }),
    ...(config.freezeAt > 0 && {
      frozenGigaflop: Object.fromEntries(
        [...sides, undefined].map((side) => [
          side ?? FULL_SIZE,
          net.trainingFlopsAt({ side, isFrozen: true }) / 1e9,
        ]),
      ),
    }),
    trainImages: data.train.count,
    validationImages: data.validation.count,
    validatedOn: data.validatedOn,
    ...(last && { last }),
    ...(best && { best }),
    ...(tta && { tta }),
    ...(forkedFrom && { forkedFrom }),
    temperatures: earlier?.temperatures ?? expectedTemperatures(config),
    trainingSeconds: trainingSeconds(position),
    petaflop: 0,
    imagesTrained: 0,
  };
}

function startOf(
  { name, precision, threads }: Engine,
  { epoch, stepInEpoch }: TrainingPosition,
): RunRecord['starts'][number] {
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
