import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { type BatchSource, createBatchSource } from '../dataset/batches/index.js';
import { loadCifar10 } from '../dataset/cifar10.js';
import { IMAGE_CHANNELS, IMAGE_SIDE, type ImageSet, limit, splitValidation } from '../dataset/imageSet.js';
import { NETS, countFlops, hasWhitening, logitsModel, setWhitening } from '../nets/index.js';
import { Ema } from '../nn/averaging/ema.js';
import { Lookahead } from '../nn/averaging/lookahead.js';
import type { WeightAverage } from '../nn/averaging/weightAverage.js';
import type { DropoutState } from '../nn/layers/index.js';
import { Adam } from '../nn/optimizers/adam.js';
import { Muon } from '../nn/optimizers/muon.js';
import type { Optimizer } from '../nn/optimizers/optimizer.js';
import { Sgd, type SgdOptions } from '../nn/optimizers/sgd.js';
import { UsageError } from '../util/errors.js';
import { STREAM } from '../util/rng.js';
import { EVALUATION_BATCH } from './engine.js';
import { weightDecayOf } from './learningRates.js';
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

/**
 * @param train the images that whitening filters are computed from, where the net has them
 * @throws UsageError when whitening is given epochs and the net has none, unless a recipe brings them along
 */
export function trainNet(config: TrainConfig, train: ImageSet): TrainNet {
  const dropout: DropoutState = { seed: config.seed, step: 0 };
  const model = NETS[config.model].build({ seed: config.seed, dropout });
  if (hasWhitening(model)) setWhitening(model, train.images);
  else if (config.whiteningEpochs > 0 && config.recipe === 'none') {
    throw new UsageError(
      `--whitening-epochs has no effect with --model ${config.model}, which has no whitening convolution: leave one out.`,
    );
  }
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
  const { momentum, nesterov, muonMomentum } = config;
  const sgd: SgdOptions = {
    momentum,
    nesterov,
    weightDecays: parameters.map(({ role }) => weightDecayOf(config, role)),
  };
  switch (config.optimizer) {
    case 'adam':
      return new Adam(parameters, config);
    case 'sgd':
      return new Sgd(parameters, sgd);
    case 'muon':
      return new Muon(parameters, { muonMomentum, sgd });
  }
}

/** The running average of a run's weights; undefined when it has none. */
export function createAverage(
  config: TrainConfig,
  weights: readonly NamedWeight[],
): WeightAverage | undefined {
  const moving = weights.filter(({ isFixed }) => !isFixed);
  if (config.lookahead > 0) {
    return new Lookahead(moving, { every: config.lookahead, decay: config.lookaheadDecay });
  }
  return config.ema > 0 ? new Ema(moving, config.ema) : undefined;
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
