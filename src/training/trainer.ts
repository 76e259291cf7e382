import type { Batch, BatchSource } from '../dataset/batches/index.js';
import { giveBackFree } from '../engine/keptMemory.js';
import { DivergedError } from '../evaluation/diverged.js';
import { InterruptedError } from '../util/errors.js';
import { Rng, STREAM, permutation } from '../util/rng.js';
import { type CallbackList, type EpochEnd, type FitEnd } from './callbacks/index.js';
import { wholeEpochs } from '../config/wholeEpochs.js';
import { trainingBatches } from './data.js';
import { checkState, diverged } from './divergence.js';
import {
  beginNextEpoch,
  endOf,
  imagesPerSecond,
  isEpochDone,
  isValidationDue,
  stepsDone,
  totalSteps,
} from './position.js';
import { FiniteWatch } from './finiteWatch.js';
import { StepClock } from './stepClock.js';
import { type Training, withAverage } from './training.js';
import { TrainingStep } from './trainingStep.js';
import { update } from './update.js';

/** Brings a run from its position to its end: epochs of steps. All else that happens meanwhile is its callbacks'. */
export class Trainer {
  private readonly step: TrainingStep;
  private readonly totalSteps: number;
  private readonly batches: BatchSource;
  private readonly clock: StepClock;
  private readonly watch = new FiniteWatch();
  private upcoming: AsyncIterable<Batch> | undefined;
  /** Of the last step's images, in pixels. */
  private side: number | undefined;

  constructor(
    private readonly training: Training,
    private readonly callbacks: CallbackList,
    private readonly stop: { signal: AbortSignal | undefined; untilEpoch: number | undefined },
  ) {
    const { config, net, position, record } = training;
    const { microBatch } = record;
    const parts = Math.ceil(config.batchSize / microBatch);
    this.totalSteps = totalSteps(config.epochs, position.stepsPerEpoch);
    this.step = new TrainingStep(net.logits, net.parameters, {
      microBatch,
      batchSize: config.batchSize,
      labelSmoothing: config.labelSmoothing,
      beforePart: (part) => {
        net.dropout.step = this.globalStep * parts + part;
      },
    });
    this.batches = trainingBatches(config, training.data.train);
    this.clock = new StepClock(position);
  }

  /** @throws InterruptedError when the signal aborted; the run is saved then */
  async fit(): Promise<FitEnd> {
    try {
      await this.callbacks.call('fitBegin');
      const end = await this.toTheEnd();
      await this.callbacks.call('fitEnd', end);
      return end;
    } catch (error) {
      // What went wrong first is what the user must hear of, even if this fails too, on a full disk for instance.
      if (!(error instanceof InterruptedError)) {
        const end = error instanceof DivergedError ? 'diverged' : 'failed';
        await this.callbacks.call('fitEnd', end).catch(() => undefined);
      }
      throw error;
    } finally {
      await this.batches.close();
      await this.clock.close();
      this.watch.dispose();
      await this.callbacks.call('dispose');
    }
  }

  private async toTheEnd(): Promise<FitEnd> {
    const { position, config } = this.training;
    let end = endOf(position, config);
    // Out of time within an epoch, and stopped before it was judged: all that is left to do.
    if (end === 'out-of-time' && position.stepInEpoch > 0) {
      await this.endEpoch();
      end = endOf(position, config);
    }
    while (end === undefined) {
      await this.trainEpoch();
      await this.endEpoch();
      end = endOf(position, config);
      if (end === undefined && this.isAborted) await this.interrupt();
      if (end === undefined && position.epoch >= (this.stop.untilEpoch ?? Infinity)) return 'interrupted';
    }
    if (this.callbacks.has('finalEvaluation')) {
      await this.judge(() => this.callbacks.call('finalEvaluation', this.stop.signal));
    }
    return end;
  }

  /** Updates made. */
  private get globalStep(): number {
    return stepsDone(this.training.position, this.training.config.epochs);
  }

  /** Whether a parameter, `<layer>/<weight>`, is of the first group, and that stays as it is by now. */
  private isFrozen(parameter: string): boolean {
    const { net, course } = this.training;
    return this.globalStep >= course.freezeBegin && net.firstGroup.has(parameter.split('/')[0]);
  }

  private get isAborted(): boolean {
    return this.stop.signal?.aborted === true;
  }

  /** Does the epoch's remaining steps, or as many as the time allows. */
  private async trainEpoch(): Promise<void> {
    const { config, position } = this.training;
    // Saved when its steps were done, and interrupted before its end.
    if (isEpochDone(position, config.epochs)) return;
    const batches = this.upcoming ?? this.epochBatches(position.epoch, position.stepInEpoch);
    this.upcoming = undefined;
    this.clock.epochBegins();
    for await (const batch of batches) {
      const images = await this.trainStep(batch);
      batch.release();
      this.clock.stepDone(images);
      this.callbacks.stepEnd();
      // Signals and workers' messages are handled between steps.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.isAborted) await this.interrupt();
      if (isEpochDone(position, config.epochs) || endOf(position, config) === 'out-of-time') break;
    }
    this.clock.epochEnds();
  }

  /** The shuffled, augmented batches of an epoch; their preparation begins at once. */
  private epochBatches(epoch: number, firstStep: number): AsyncIterable<Batch> {
    const { config, data } = this.training;
    const order = permutation(data.train.count, new Rng(config.seed, STREAM.shuffle, epoch));
    return this.batches.batches(epoch, order, firstStep);
  }

  /** @returns the number of images that the step was made on */
  private async trainStep(batch: Batch): Promise<number> {
    const { net, position, optimizer, average, hardImages, record, rates } = this.training;
    const { step, globalStep, watch } = this;
    const { lossScale, proxyLossScale } = position;
    const [side] = batch.imageShape;
    if (side !== (this.side ?? side)) giveBackFree();
    this.side = side;
    const proxy = { microBatch: record.microBatch, lossScale: proxyLossScale };
    const picked = (await hardImages?.pick(batch, globalStep, rates, proxy)) ?? batch;
    const { lossSum, correct, wereFinite } = await update(
      { step, parameters: net.parameters, optimizer, watch, lossScale },
      picked,
      ({ name, role }) => (this.isFrozen(name) ? null : rates.of(role, globalStep)),
      globalStep,
    );
    if (!Number.isFinite(lossSum)) {
      throw diverged(this.training, `The loss became ${lossSum}`, position.stepInEpoch + 1);
    }
    if (!wereFinite) {
      throw diverged(this.training, 'A gradient was not a finite number', position.stepInEpoch);
    }
    position.lossSum += lossSum;
    position.correct += correct;
    position.imagesSeen += picked.labels.length;
    position.stepInEpoch++;
    average?.afterStep(this.globalStep, this.totalSteps);
    if (this.globalStep === this.totalSteps) average?.finish();
    return picked.labels.length;
  }

  /** Judges and saves what the epoch's steps, or as many as time was left for, have come to. */
  private async endEpoch(): Promise<void> {
    const { config, position, average, record } = this.training;
    await checkState(this.training);
    const isComplete = isEpochDone(position, config.epochs);
    const end = this.epochEnd(isComplete);
    if (!isComplete) {
      await this.callbacks.call('timeUp');
      average?.finish();
    } else if (position.epoch + 1 < wholeEpochs(config.epochs)) {
      // The next epoch's first batches are made while this one is judged.
      this.upcoming = this.epochBatches(position.epoch + 1, 0);
    }
    if (!isComplete || isValidationDue(position, config)) {
      await this.judge(() => this.callbacks.call('validate', end, this.stop.signal));
    }
    if (isComplete) {
      position.history.push(end.record);
      beginNextEpoch(position);
      Object.assign(record, { last: position.last, best: position.best });
    } else if (end.validation !== undefined) {
      record.last = { epoch: position.epoch, ...end.validation };
    }
    await this.callbacks.call('epochEnd', end);
  }

  private epochEnd(isComplete: boolean): EpochEnd {
    const { position, rates } = this.training;
    return {
      record: {
        epoch: position.epoch,
        epochsTrained: this.globalStep / position.stepsPerEpoch,
        trainLoss: position.lossSum / position.imagesSeen,
        trainAccuracy: position.correct / position.imagesSeen,
        validationLoss: null,
        validationAccuracy: null,
        learningRate: rates.base(this.globalStep - 1),
        seconds: position.epochSeconds,
        imagesPerSecond: imagesPerSecond(position),
      },
      isComplete,
      isBest: false,
    };
  }

  /** Judges the net; an interruption meanwhile saves the run, whose steps are done: going on begins here. */
  private async judge(evaluation: () => Promise<void>): Promise<void> {
    await this.callbacks.call('evaluationBegin', this.training.data.validation.count);
    try {
      await withAverage(this.training, evaluation);
    } catch (error) {
      if (this.isAborted) await this.interrupt();
      if (error instanceof DivergedError) {
        throw diverged(this.training, "The network's answers stopped being numbers");
      }
      throw error;
    }
  }

  private async interrupt(): Promise<never> {
    await checkState(this.training);
    await this.callbacks.call('fitEnd', 'interrupted');
    throw new InterruptedError(
      `Interrupted; the run is saved. Go on with: cifar train --resume ${this.training.folder.path}`,
    );
  }
}
