import type { TrainConfig } from '../config/trainOptions.js';
import type { Batch, BatchSource } from '../dataset/batches/index.js';
import { CLASS_NAMES } from '../dataset/imageSet.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { saveModel } from '../io/modelFiles.js';
import { TensorBoardWriter } from '../io/tensorboard.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { curvesChart } from '../plots/curves.js';
import { savePicture } from '../plots/savePicture.js';
import { type CpuTime, cpuTime, othersSince } from '../util/cpuTime.js';
import { CifarError, InterruptedError } from '../util/errors.js';
import { HaltWatch, clockMs } from '../util/haltWatch.js';
import { Rng, STREAM, permutation } from '../util/rng.js';
import { saveCheckpoint } from './checkpoint.js';
import { type Engine, microBatchFor } from './engine.js';
import { type HardImages, trainedImages } from './hardImages.js';
import { type EpochRecord, writeHistory } from './history.js';
import { type LossAndAccuracy, lossAndAccuracy } from './metrics.js';
import type { NamedWeight } from './parameters.js';
import { naturalOrder, predictPass } from './predict.js';
import type { TrainReporter } from './reporter.js';
import type { RunFolder } from './runFolder.js';
import { type RunRecord, type RunStatus, writeRunRecord } from './runRecord.js';
import { type TrainData, type TrainNet, evaluationBatches, trainingBatches } from './trainSetup.js';
import { LearningRates } from './learningRates.js';
import {
  type TrainingPosition,
  beginNextEpoch,
  endOf,
  imagesPerSecond,
  isEpochDone,
  isValidationDue,
  othersCores,
  stepsDone,
  stepsOfEpoch,
  takeResult,
  totalSteps,
  trainingSeconds,
  wholeEpochs,
} from './trainingPosition.js';
import { TrainingStep } from './trainingStep.js';
import { update } from './update.js';
import { averageViews } from './viewTta.js';

interface RunParts {
  folder: RunFolder;
  config: TrainConfig;
  engine: Engine;
  data: TrainData;
  net: TrainNet;
  optimizer: Optimizer;
  average: WeightAverage | undefined;
  /** Picks the images of a batch to train on; undefined when all are. */
  hardImages: HardImages | undefined;
  /** Advanced in place. */
  position: TrainingPosition;
  /** Kept up to date in place. */
  record: RunRecord;
}

/** One run from its position to its end: epochs of steps, each followed by validation and saving. */
export class TrainingRun {
  private readonly step: TrainingStep;
  private readonly rates: LearningRates;
  private readonly parameters: readonly NamedWeight[];
  private readonly totalSteps: number;
  private readonly batches: BatchSource;
  private readonly validationBatches: BatchSource;
  private readonly parts: number;
  private readonly board: TensorBoardWriter;
  private readonly haltWatch = new HaltWatch();
  private upcoming: AsyncIterable<Batch> | undefined;
  private isStateSaved = false;

  constructor(
    private readonly run: RunParts,
    private readonly options: { reporter: TrainReporter; signal?: AbortSignal; skipViews?: boolean },
  ) {
    const { config, net, position } = run;
    const microBatch = microBatchFor(run.engine, config.microBatch, config.batchSize);
    this.parts = Math.ceil(config.batchSize / microBatch);
    run.record.microBatch = microBatch;
    this.parameters = net.weights.filter(({ trainable }) => trainable);
    this.totalSteps = totalSteps(config.epochs, position.stepsPerEpoch);
    this.step = new TrainingStep(net.logits, this.parameters, {
      microBatch,
      batchSize: config.batchSize,
      labelSmoothing: config.labelSmoothing,
      beforePart: (part) => {
        net.dropout.step = this.globalStep * this.parts + part;
      },
    });
    this.rates = new LearningRates(config, position.stepsPerEpoch);
    this.batches = trainingBatches(config, run.data.train);
    this.validationBatches = evaluationBatches(run.data.validation);
    this.board = new TensorBoardWriter(run.folder.path, { firstStep: position.epoch });
  }

  async toTheEnd(): Promise<void> {
    const { position, config, folder, record } = this.run;
    this.setStatus('running');
    this.options.reporter.started(folder.path, record, position);
    let status = endOf(position, config);
    // Out of time within an epoch, and stopped before it was judged: all that is left to do.
    if (status === 'out-of-time' && position.stepInEpoch > 0) {
      await this.judgeEpoch();
      status = endOf(position, config);
    }
    while (status === undefined) {
      await this.trainEpoch();
      await this.judgeEpoch();
      status = endOf(position, config);
    }
    if (config.tta !== 'none' && this.options.skipViews !== true) await this.evaluateViews(config.tta);
    this.setStatus(status);
  }

  /** Says in the run's record that it failed, unless it has been saved as interrupted. */
  fail(): void {
    if (this.run.record.status === 'running') this.setStatus('failed');
  }

  async dispose(): Promise<void> {
    this.options.reporter.ended();
    await this.batches.close();
    await this.validationBatches.close();
    await this.haltWatch.close();
    this.board.close();
    this.run.optimizer.dispose();
    this.run.average?.dispose();
    this.run.hardImages?.dispose();
    this.run.net.model.dispose();
  }

  private saveCheckpoint(): void {
    const { folder, net, optimizer, average, hardImages, position } = this.run;
    saveCheckpoint(folder, { weights: net.weights, optimizer, average, hardImages }, position);
  }

  /** Updates made. */
  private get globalStep(): number {
    return stepsDone(this.run.position, this.run.config.epochs);
  }

  /** Does the epoch's remaining steps, or as many as the time allows. */
  private async trainEpoch(): Promise<void> {
    const { config, position } = this.run;
    // Saved when its steps were done, and interrupted before its end.
    if (isEpochDone(position, config.epochs)) return;
    const batches = this.upcoming ?? this.epochBatches(position.epoch, position.stepInEpoch);
    this.upcoming = undefined;
    const start = { clock: clockMs(), cpu: cpuTime() };
    let since = start.clock;
    for await (const batch of batches) {
      const images = this.trainStep(batch);
      batch.release();
      const now = clockMs();
      if (!this.haltWatch.hasHaltedSince(since)) {
        position.epochSeconds += (now - since) / 1000;
        position.imagesTimed += images;
      }
      since = now;
      this.report();
      // Signals and workers' messages are handled between steps.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.isAborted) this.interrupt();
      if (isEpochDone(position, config.epochs) || endOf(position, config) === 'out-of-time') break;
    }
    this.observeOthers(start);
  }

  /** Adds up what other programs used of the processor since then, unless the process was halted meanwhile. */
  private observeOthers({ clock, cpu }: { clock: number; cpu: CpuTime }): void {
    if (this.haltWatch.hasHaltedSince(clock)) return;
    const { position } = this.run;
    position.othersCpuSeconds += othersSince(cpu);
    position.observedSeconds += (clockMs() - clock) / 1000;
  }

  private get isAborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** The shuffled, augmented batches of an epoch; their preparation begins at once. */
  private epochBatches(epoch: number, firstStep: number): AsyncIterable<Batch> {
    const { config, data } = this.run;
    const order = permutation(data.train.count, new Rng(config.seed, STREAM.shuffle, epoch));
    return this.batches.batches(epoch, order, firstStep);
  }

  /** @returns the number of images that the step was made on */
  private trainStep(batch: Batch): number {
    const { position, optimizer, average, hardImages, record } = this.run;
    const picked = hardImages?.pick(batch, this.globalStep, this.rates, record.microBatch) ?? batch;
    const { step, parameters, globalStep } = this;
    const { lossSum, correct } = update(
      { step, parameters, optimizer },
      picked,
      (role) => this.rates.of(role, globalStep),
      globalStep,
    );
    if (!Number.isFinite(lossSum)) {
      throw new CifarError(
        `The loss became ${lossSum} in epoch ${position.epoch + 1}, step ${position.stepInEpoch + 1}: training diverged. ` +
          `Try a lower --learning-rate or some --warmup-epochs; the last checkpoint is kept.`,
      );
    }
    position.lossSum += lossSum;
    position.correct += correct;
    position.imagesSeen += picked.labels.length;
    position.stepInEpoch++;
    average?.afterStep(this.globalStep, this.totalSteps);
    if (this.globalStep === this.totalSteps) average?.finish();
    return picked.labels.length;
  }

  private report(): void {
    const { config, position } = this.run;
    const speed = imagesPerSecond(position);
    const stepsLeft = this.totalSteps - this.globalStep;
    this.options.reporter.stepped({
      epoch: position.epoch,
      epochs: wholeEpochs(config.epochs),
      step: position.stepInEpoch,
      steps: stepsOfEpoch(position, config.epochs),
      loss: position.lossSum / position.imagesSeen,
      accuracy: position.correct / position.imagesSeen,
      imagesPerSecond: speed,
      secondsLeft: (stepsLeft * trainedImages(config)) / speed,
    });
  }

  private interrupt(): never {
    const { folder } = this.run;
    if (!this.isStateSaved) this.saveCheckpoint();
    this.setStatus('interrupted');
    throw new InterruptedError(
      `Interrupted; the run is saved. Go on with: cifar train --resume ${folder.path}`,
    );
  }

  /** Does something with the weights that are to be judged and saved. */
  private async withAverage<T>(action: () => Promise<T>): Promise<T> {
    this.run.average?.exchange();
    try {
      return await action();
    } finally {
      this.run.average?.exchange();
    }
  }

  /** Judges the net; an interruption meanwhile saves the run, whose steps are done: going on begins here. */
  private async judged<T>(action: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    this.options.reporter.validating(this.run.data.validation.count);
    try {
      return await this.withAverage(() => action(this.options.signal));
    } catch (error) {
      if (this.isAborted) this.interrupt();
      throw error;
    }
  }

  private async validate(): Promise<LossAndAccuracy> {
    const { data, net } = this.run;
    const order = naturalOrder(data.validation.count);
    const logits = await this.judged((signal) =>
      predictPass(net.logits, this.validationBatches, 0, order, signal),
    );
    return lossAndAccuracy(logits, data.validation.labels, CLASS_NAMES.length);
  }

  /** Judges and saves what the epoch's steps, or as many as time was left for, have come to. */
  private judgeEpoch(): Promise<void> {
    const { position, config } = this.run;
    return isEpochDone(position, config.epochs) ? this.endEpoch() : this.endOutOfTime();
  }

  /** The result with the views of --tta averaged. */
  private async evaluateViews(preset: ViewPreset): Promise<void> {
    const { data, net, record } = this.run;
    const { logits } = await this.judged((signal) =>
      averageViews(net.logits, data.validation, { preset, ...(signal !== undefined && { signal }) }),
    );
    record.tta = { preset, ...lossAndAccuracy(logits, data.validation.labels, CLASS_NAMES.length) };
  }

  /** Validates, if it is due, and saves after a complete epoch; the checkpoint comes last, so that a kill repeats the epoch's end. */
  private async endEpoch(): Promise<void> {
    const { config, folder, position, record } = this.run;
    const learningRate = this.rates.base(this.globalStep - 1);
    // The next epoch's first batches are made while this one is validated.
    if (position.epoch + 1 < wholeEpochs(config.epochs)) {
      this.upcoming = this.epochBatches(position.epoch + 1, 0);
    }
    const validation = isValidationDue(position, config) ? await this.validate() : undefined;
    const entry: EpochRecord = {
      epoch: position.epoch,
      trainLoss: position.lossSum / position.imagesSeen,
      trainAccuracy: position.correct / position.imagesSeen,
      validationLoss: validation?.loss ?? null,
      validationAccuracy: validation?.accuracy ?? null,
      learningRate,
      seconds: position.epochSeconds,
      imagesPerSecond: imagesPerSecond(position),
    };
    position.history.push(entry);
    const isBest = validation !== undefined && takeResult(position, validation);
    beginNextEpoch(position);
    Object.assign(record, { last: position.last, best: position.best });
    if (isBest) await this.saveModel(folder.best);
    // The saved model stays the one that the run's result is of.
    if (validation !== undefined) await this.saveModel(folder.last);
    writeHistory(folder, position.history);
    this.board.scalars(entry.epoch, {
      'loss/train': entry.trainLoss,
      'accuracy/train': entry.trainAccuracy,
      ...(validation && { 'loss/validation': validation.loss, 'accuracy/validation': validation.accuracy }),
      learning_rate: learningRate,
      images_per_second: entry.imagesPerSecond,
    });
    this.board.flush();
    savePicture(folder.curves, await curvesChart(position.history, folder.name));
    this.saveCheckpoint();
    this.setStatus('running');
    this.options.reporter.epochEnded(entry, wholeEpochs(config.epochs), isBest);
    if (this.isAborted && endOf(position, config) === undefined) this.interrupt();
  }

  /** Ends within an epoch: the state reached is validated and is the run's result. */
  private async endOutOfTime(): Promise<void> {
    const { folder, position, record } = this.run;
    this.saveCheckpoint();
    // Going on begins at the state just saved, not at the finished average's.
    this.isStateSaved = true;
    this.run.average?.finish();
    const { loss, accuracy } = await this.validate();
    record.last = { epoch: position.epoch, loss, accuracy };
    await this.saveModel(folder.last);
  }

  private async saveModel(path: string): Promise<void> {
    const { config, record, net, folder } = this.run;
    const metadata = {
      classNames: [...CLASS_NAMES],
      normalization: {
        scale: 1 / 255,
        mean: [0, 0, 0],
        deviation: [1, 1, 1],
        layout: 'NHWC',
        channels: 'RGB',
      },
      run: folder.name,
      net: config.model,
      result: path === folder.best ? record.best : record.last,
    };
    await this.withAverage(() => saveModel(net.model, path, metadata));
  }

  private setStatus(status: RunStatus): void {
    const { folder, position, record, net, config, hardImages } = this.run;
    record.status = status;
    record.trainingSeconds = trainingSeconds(position);
    const busy = othersCores(position);
    if (busy !== undefined) record.othersCores = busy;
    record.imagesTrained = this.globalStep * trainedImages(config);
    const proxyFlops = hardImages?.flops(this.globalStep) ?? 0;
    record.petaflop = (3 * net.forwardFlops * record.imagesTrained + proxyFlops) / 1e15;
    writeRunRecord(folder, record);
  }
}
