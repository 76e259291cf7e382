import type { RecipeName } from './recipeNames.js';
import type { TrainConfig } from './trainOptions.js';

/**
 * Named sets of training options. Those with a number are Keller Jordan's of 2024 ("94 % on CIFAR-10 in 3.29 seconds on a
 * single GPU", its Muon variant and, for 96 %, the faster form with a proxy), whose losses are sums over the batch; ours is
 * the mean, so rates are theirs times the batch size and decays theirs divided by it. With m the momentum, their lr is L/K
 * and their decay of a step W·batch/K, K = batch·(1 + 1/(1 − m)).
 */

const MOMENTUM = 0.85;

/** Of the mean loss: L·batch/K. */
const meanRate = (peak: number): number => peak / (1 + 1 / (1 - MOMENTUM));

/** λ of the mean loss, such that rate·λ is W·batch/K. */
const meanDecay = (decay: number, peak: number): number => decay / peak;

/** What all of Jordan's recipes share. */
const FAST: Partial<TrainConfig> = {
  momentum: MOMENTUM,
  nesterov: true,
  decayAll: true,
  labelSmoothing: 0.2,
  whiteningEpochs: 3,
  schedule: 'triangle',
  tta: 'multicrop',
};

const FAST_SGD: Partial<TrainConfig> = {
  ...FAST,
  optimizer: 'sgd',
  batchSize: 1024,
  normRate: 64,
  // Every 5 updates; α = 0.95⁵·(t/T)³.
  lookahead: 5,
  lookaheadDecay: 0.95,
};

const FAST_MUON: Partial<TrainConfig> = {
  ...FAST,
  batchSize: 2000,
  optimizer: 'muon',
  muonRate: 0.24,
  muonMomentum: 0.6,
  // Their 0.053 and 0.67 (head), and a decay of 0.004 a step.
  learningRate: 0.053 * 2000,
  headRate: 0.67 / 0.053,
  weightDecay: 0.004 / (0.053 * 2000),
  whiteningDecay: true,
  peakAt: 0,
  lastFactor: 0,
};

/** The public record of 2026 for 94 % by arithmetic: Hiverge's tuning of fast94-muon (2025), and small images first. */
const SMALL_FIRST: Partial<TrainConfig> = {
  ...FAST_MUON,
  model: 'fast94-silu',
  augment: 'fast-jitter',
  epochs: 8.875,
  // Of their nine epochs three each.
  imageSizes: '24,28@0.33,32@0.66',
  batchSize: 1536,
  momentum: 0.825,
  muonRate: 0.2255,
  muonMomentum: 0.655,
  muonCoefficients: [3.4576, -4.7391, 2.0843],
  muonRescale: [2, 17],
  // Their 1.0418e-6, times the batch: the decay of a step, and of the filters λ.
  muonDecay: 1.0418e-6 * 1536,
  weightDecay: 1.0418e-6 / 0.0573,
  learningRate: 0.0573 * 1536,
  headRate: 0.5415 / 0.0573,
  whiteningEpochs: 0.2,
  labelSmoothing: 0.09,
  lastFactor: 0.05,
  floorShare: 0.375 / 8.875,
  tailAverage: 4,
  tailDecay: 0.7,
};

/** With a margin to 94 %, for a twentieth more arithmetic: four epochs of 24 pixels, three of 28, then full size. */
const WITH_MARGIN: Partial<TrainConfig> = { ...SMALL_FIRST, epochs: 9.6875, floorShare: 0.375 / 9.6875 };

export const RECIPES: Readonly<Record<RecipeName, Readonly<Partial<TrainConfig>>>> = {
  fast94: Object.freeze(WITH_MARGIN),
  // Ours: the same with the network of fast96, on the hard half of each batch, for twice as long; labels smoothed as in the recipes of 2024.
  fast: Object.freeze({
    ...WITH_MARGIN,
    model: 'fast96-silu',
    augment: 'fast4-jitter',
    epochs: 20,
    hardShare: 0.5,
    labelSmoothing: 0.2,
    validateEvery: 4,
  }),
  'fast94-2026': Object.freeze(SMALL_FIRST),
  'fast94-sgd': Object.freeze({
    ...FAST_SGD,
    model: 'fast94',
    augment: 'fast',
    epochs: 9.9,
    learningRate: meanRate(11.5),
    weightDecay: meanDecay(0.0153, 11.5),
    peakAt: 0.23,
    firstFactor: 0.2,
    lastFactor: 0.07,
  }),
  'fast94-muon': Object.freeze({
    ...FAST_MUON,
    model: 'fast94-muon',
    augment: 'fast',
    epochs: 8,
  }),
  fast95: Object.freeze({
    ...FAST_SGD,
    model: 'fast95',
    augment: 'fast4',
    epochs: 15,
    learningRate: meanRate(10),
    weightDecay: meanDecay(0.0153, 10),
    peakAt: 0.23,
    firstFactor: 0.2,
    lastFactor: 0.07,
  }),
  // Ours: fast94-muon with the filters and shifts of fast95, for two and a half times as long.
  'fast95-muon': Object.freeze({
    ...FAST_MUON,
    model: 'fast95-muon',
    augment: 'fast4',
    epochs: 20,
    validateEvery: 4,
  }),
  fast96: Object.freeze({
    ...FAST_SGD,
    model: 'fast96',
    augment: 'fast4-cutout',
    epochs: 45,
    hardShare: 0.5,
    validateEvery: 5,
    learningRate: meanRate(9),
    weightDecay: meanDecay(0.012, 9),
    peakAt: 0.1,
    firstFactor: 0.2,
    lastFactor: 0,
  }),
};
