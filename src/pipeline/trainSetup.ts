import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { type BatchSource, createBatchSource } from '../dataset/batches/index.js';
import { loadCifar10 } from '../dataset/cifar10.js';
import { IMAGE_CHANNELS, IMAGE_SIDE, type ImageSet, limit, splitValidation } from '../dataset/imageSet.js';
import { NETS, countFlops, logitsModel } from '../nets/index.js';
import type { DropoutState } from '../nn/layers/index.js';
import { Adam } from '../nn/optimizers/adam.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { Sgd } from '../nn/optimizers/sgd.js';
import { constant } from '../nn/schedules/constant.js';
import { cosine } from '../nn/schedules/cosine.js';
import { oneCycle } from '../nn/schedules/oneCycle.js';
import type { Schedule } from '../nn/schedules/schedule.js';
import { step } from '../nn/schedules/step.js';
import { withWarmup } from '../nn/schedules/warmup.js';
import { UsageError } from '../util/errors.js';
import { STREAM } from '../util/rng.js';
import { EVALUATION_BATCH } from './engine.js';
import { type NamedWeight, namedWeights } from './parameters.js';

/** What a run trains on and is measured on. */
export interface TrainData {
  train: ImageSet;
  validation: ImageSet;
  validatedOn: 'test set' | 'held-out training images';
}

export function trainData(config: TrainConfig): TrainData {
  const { train, test } = loadCifar10(config.dataDir);
  const available = config.limitTrain > 0 ? limit(train, config.limitTrain) : train;
  if (config.validationSplit > 0) {
    const split = splitValidation(available, config.validationSplit, config.seed);
    return checked(config, { ...split, validatedOn: 'held-out training images' });
  }
  const validation = config.limitTest > 0 ? limit(test, config.limitTest) : test;
  return checked(config, { train: available, validation, validatedOn: 'test set' });
}

function checked(config: TrainConfig, data: TrainData): TrainData {
  if (data.train.count < config.batchSize) {
    throw new UsageError(
      `--batch-size: expected at most the ${data.train.count} training images there are, got ${config.batchSize}.`,
    );
  }
  return data;
}

/** The network to train and what belongs to it. */
export interface TrainNet {
  model: LayersModel;
  logits: LayersModel;
  weights: NamedWeight[];
  dropout: DropoutState;
  /** Floating-point operations of one image's forward pass, multiply and add counted as two. */
  forwardFlops: number;
}

export function trainNet(config: TrainConfig): TrainNet {
  const dropout: DropoutState = { seed: config.seed, step: 0 };
  const model = NETS[config.model].build({ seed: config.seed, dropout });
  return {
    model,
    logits: logitsModel(model),
    weights: namedWeights(model),
    dropout,
    forwardFlops: countFlops(model),
  };
}

export function createOptimizer(config: TrainConfig, weights: readonly NamedWeight[]): Optimizer {
  const parameters = weights.filter(({ trainable }) => trainable);
  return config.optimizer === 'adam' ? new Adam(parameters, config) : new Sgd(parameters, config);
}

export function createSchedule(config: TrainConfig): Schedule {
  const { epochs, warmupEpochs } = config;
  const main = (): Schedule => {
    switch (config.schedule) {
      case 'constant':
        return constant();
      case 'step':
        return step(config.stepEpochs, config.stepFactors);
      case 'cosine':
        return cosine(warmupEpochs, epochs);
      case 'one-cycle':
        return oneCycle(epochs);
    }
  };
  return warmupEpochs > 0 ? withWarmup(warmupEpochs, main()) : main();
}

/** Augmented, shuffled batches of the training images; a last partial batch is dropped. */
export function trainingBatches(config: TrainConfig, images: ImageSet): BatchSource {
  return createBatchSource({
    images: images.images,
    labels: images.labels,
    imageShape: [IMAGE_SIDE, IMAGE_SIDE, IMAGE_CHANNELS],
    batchSize: config.batchSize,
    augment: loadAugment(config.augment),
    seed: config.seed,
    stream: STREAM.augment,
    workers: config.workers,
    dropLast: true,
  });
}

/** Plain batches of images, scaled only; prepared in this thread, since that costs next to nothing. */
export function evaluationBatches(images: ImageSet): BatchSource {
  return createBatchSource({
    images: images.images,
    labels: images.labels,
    imageShape: [IMAGE_SIDE, IMAGE_SIDE, IMAGE_CHANNELS],
    batchSize: EVALUATION_BATCH,
    augment: loadAugment('none'),
    seed: 0,
    stream: STREAM.augment,
    workers: 0,
  });
}
