import type { TrainConfig } from '../config/trainOptions.js';
import { ROUNDING, wholeEpochs } from '../config/wholeEpochs.js';
import type { EpochRecord } from '../runs/history.js';
import type { EpochResult, RunStatus } from '../runs/runRecord.js';
import type { LossScale } from './lossScale.js';

/**
 * Where a training run stands. Every random draw is a function of (seed, epoch, step, index), so these counters are
 * the whole position of the random numbers too.
 */
export interface TrainingPosition {
  /** Epoch under way (0-based), and how many of its steps are done. */
  epoch: number;
  stepInEpoch: number;
  stepsPerEpoch: number;
  /** Sums over the done steps of the epoch under way. */
  lossSum: number;
  correct: number;
  imagesSeen: number;
  /** Of these, the images of steps whose time was counted: all but those in which the process was halted. */
  imagesTimed: number;
  /** Training time of the epoch under way, and of the epochs before it; steps in which the process was halted left out. */
  epochSeconds: number;
  finishedSeconds: number;
  /** Processor time that other programs used while steps were made, in seconds summed over cores, and over how long. */
  othersCpuSeconds: number;
  observedSeconds: number;
  /** Of a run that computes in f16: the net's, and that of the proxy of --hard-share. */
  lossScale?: LossScale;
  proxyLossScale?: LossScale;
  last?: EpochResult;
  best?: EpochResult;
  /** The lowest validation loss so far, and the epochs from it to the last validation. */
  lowestLoss: number;
  epochsWithoutGain: number;
  history: EpochRecord[];
}

export function freshPosition(stepsPerEpoch: number): TrainingPosition {
  return {
    epoch: 0,
    stepInEpoch: 0,
    stepsPerEpoch,
    lossSum: 0,
    correct: 0,
    imagesSeen: 0,
    imagesTimed: 0,
    epochSeconds: 0,
    finishedSeconds: 0,
    othersCpuSeconds: 0,
    observedSeconds: 0,
    lowestLoss: Infinity,
    epochsWithoutGain: 0,
    history: [],
  };
}

/** Updates in so many epochs; a last, partial epoch is rounded up to whole updates. */
export function totalSteps(epochs: number, stepsPerEpoch: number): number {
  return Math.ceil(epochs * stepsPerEpoch - ROUNDING);
}

/** Updates of the epoch under way: fewer in a last, partial one. */
export function stepsOfEpoch({ epoch, stepsPerEpoch }: TrainingPosition, epochs: number): number {
  return Math.min(stepsPerEpoch, totalSteps(epochs, stepsPerEpoch) - epoch * stepsPerEpoch);
}

/** Whether the steps of the epoch under way are done. */
export function isEpochDone(position: TrainingPosition, epochs: number): boolean {
  return position.stepInEpoch === stepsOfEpoch(position, epochs);
}

/** Updates made. After a partial last epoch the position stands at the start of the next one. */
export function stepsDone({ epoch, stepInEpoch, stepsPerEpoch }: TrainingPosition, epochs: number): number {
  return Math.min(epoch * stepsPerEpoch + stepInEpoch, totalSteps(epochs, stepsPerEpoch));
}

/** Takes the result of the epoch whose steps are done as the last one; whether it is the best so far. */
export function takeResult(
  position: TrainingPosition,
  { loss, accuracy }: Omit<EpochResult, 'epoch'>,
): boolean {
  const epochs = position.epoch - (position.last?.epoch ?? -1);
  const isGain = loss < position.lowestLoss;
  position.epochsWithoutGain = isGain ? 0 : position.epochsWithoutGain + epochs;
  if (isGain) position.lowestLoss = loss;
  position.last = { epoch: position.epoch, loss, accuracy };
  const isBest = position.best === undefined || accuracy > position.best.accuracy;
  if (isBest) position.best = position.last;
  return isBest;
}

/** Moves to the start of the next epoch. */
export function beginNextEpoch(position: TrainingPosition): void {
  position.finishedSeconds += position.epochSeconds;
  position.epoch++;
  position.stepInEpoch = 0;
  position.lossSum = 0;
  position.correct = 0;
  position.imagesSeen = 0;
  position.imagesTimed = 0;
  position.epochSeconds = 0;
}

/** Training time so far, in seconds. */
export function trainingSeconds(position: TrainingPosition): number {
  return position.finishedSeconds + position.epochSeconds;
}

/** Images a second of the epoch under way; NaN before its first timed step. */
export function imagesPerSecond({ imagesTimed, epochSeconds }: TrainingPosition): number {
  return imagesTimed / epochSeconds;
}

/** Cores that other programs kept busy while steps were made, on average; undefined when that was not observed. */
export function othersCores({ othersCpuSeconds, observedSeconds }: TrainingPosition): number | undefined {
  return observedSeconds > 0 ? othersCpuSeconds / observedSeconds : undefined;
}

function isOutOfTime(position: TrainingPosition, { maxTime }: Pick<TrainConfig, 'maxTime'>): boolean {
  return maxTime > 0 && trainingSeconds(position) >= maxTime;
}

/** Whether the epoch whose steps are done is followed by validation: each so many-th is, and wherever training ends. */
export function isValidationDue(
  position: TrainingPosition,
  config: Pick<TrainConfig, 'epochs' | 'maxTime' | 'validateEvery'>,
): boolean {
  const trained = position.epoch + 1;
  const isLast = trained >= wholeEpochs(config.epochs);
  return isLast || trained % config.validateEvery === 0 || isOutOfTime(position, config);
}

/** Images of a batch that a run's net is trained on. */
export function trainedImages({
  batchSize,
  hardShare,
}: Pick<TrainConfig, 'batchSize' | 'hardShare'>): number {
  return Math.max(1, Math.round(batchSize * hardShare));
}

/** How training has ended at this position; undefined when it is to go on. */
export function endOf(
  position: TrainingPosition,
  config: Pick<TrainConfig, 'epochs' | 'earlyStop' | 'maxTime'>,
): Extract<RunStatus, 'finished' | 'stopped-early' | 'out-of-time'> | undefined {
  const { epochs, earlyStop } = config;
  if (position.epoch >= wholeEpochs(epochs)) return 'finished';
  const isWithinEpoch = position.stepInEpoch > 0;
  if (earlyStop > 0 && position.epochsWithoutGain >= earlyStop && !isWithinEpoch) return 'stopped-early';
  if (isOutOfTime(position, config)) return 'out-of-time';
  return undefined;
}
