import type { Precision } from '../engine/provider.js';
import { BACKEND_REQUESTS, type BackendRequest } from '../engine/names.js';
import { VIEW_PRESETS, type ViewPreset } from '../dataset/views/presets.js';
import { AUGMENT_PRESETS } from '../dataset/augment/presets.js';
import type { OptionSpec } from './optionSpec.js';
import { RECIPE_NAMES, type RecipeName } from './recipeNames.js';
import { NET_NAMES, type NetName } from '../nets/names.js';

/** Everything that decides a training run's result, and where its files lie. All of it is saved with the run. */
export interface TrainConfig {
  recipe: RecipeName | 'none';
  model: NetName;
  augment: string;
  epochs: number;
  batchSize: number;
  microBatch: number;
  optimizer: 'adam' | 'sgd' | 'muon';
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  decayAll: boolean;
  muonRate: number;
  muonMomentum: number;
  normRate: number;
  headRate: number;
  whiteningEpochs: number;
  whiteningDecay: boolean;
  schedule: 'constant' | 'step' | 'cosine' | 'one-cycle' | 'triangle';
  warmupEpochs: number;
  stepEpochs: readonly number[];
  stepFactors: readonly number[];
  peakAt: number;
  firstFactor: number;
  lastFactor: number;
  lookahead: number;
  lookaheadDecay: number;
  ema: number;
  labelSmoothing: number;
  hardShare: number;
  proxy: NetName | 'auto';
  seed: number;
  validationSplit: number;
  limitTrain: number;
  limitTest: number;
  validateEvery: number;
  earlyStop: number;
  maxTime: number;
  tta: ViewPreset;
  backend: BackendRequest;
  precision: Precision;
  threads: number;
  workers: number;
  dataDir: string;
  modelsDir: string;
}

/** Options that every command which computes shares. */
export const ENGINE_OPTIONS = {
  backend: {
    type: 'choice',
    choices: BACKEND_REQUESTS,
    default: 'auto',
    placeholder: 'name',
    description: 'what computes; auto takes the fastest that is usable here (see `cifar backends`)',
  },
  precision: {
    type: 'choice',
    choices: ['auto', 'bf16', 'f32'],
    default: 'auto',
    placeholder: 'type',
    description: 'arithmetic of the onednn backend; auto is bf16 where the CPU has it',
  },
  threads: {
    type: 'integer',
    min: 0,
    max: 1024,
    default: 0,
    placeholder: 'n',
    description: 'threads of the onednn backend; 0 = all cores this process may use',
  },
} as const satisfies Record<string, OptionSpec>;

export const DATA_OPTIONS = {
  limitTest: {
    type: 'integer',
    min: 0,
    max: 10_000,
    default: 0,
    placeholder: 'n',
    description: 'use only the first n test images; 0 = all 10,000',
  },
  dataDir: { type: 'string', default: 'data', placeholder: 'folder', description: 'folder of the data set' },
} as const satisfies Record<string, OptionSpec>;

/** The option table of `cifar train`; the order is the help text's. */
export const TRAIN_OPTIONS: Record<keyof TrainConfig, OptionSpec> = {
  recipe: {
    type: 'choice',
    choices: ['none', ...RECIPE_NAMES],
    default: 'none',
    placeholder: 'name',
    description: 'named set of options; any that are given beside it go before its own',
  },
  model: {
    type: 'choice',
    choices: NET_NAMES,
    default: 'bench',
    placeholder: 'name',
    short: '-m',
    description: 'network to train (see `cifar models`)',
  },
  augment: {
    type: 'string',
    default: 'none',
    placeholder: 'preset',
    short: '-a',
    description: `augmentation: ${Object.keys(AUGMENT_PRESETS).join(', ')} or a JSON file`,
  },
  epochs: {
    type: 'number',
    min: 0.01,
    max: 100_000,
    default: 150,
    placeholder: 'n',
    short: '-e',
    description: 'passes over the training set; with a fraction the last one ends early',
  },
  batchSize: {
    type: 'integer',
    min: 1,
    max: 50_000,
    default: 500,
    placeholder: 'n',
    short: '-b',
    description: 'images in a step; a last partial batch of an epoch is dropped',
  },
  microBatch: {
    type: 'integer',
    min: 0,
    max: 50_000,
    default: 0,
    placeholder: 'n',
    description: 'images computed at once, gradients being summed over the batch; 0 = what fits the backend',
  },
  optimizer: {
    type: 'choice',
    choices: ['adam', 'sgd', 'muon'],
    default: 'adam',
    placeholder: 'name',
    description:
      'rule that updates the weights; muon moves the filters of convolutions by orthogonalised momentum and all else by SGD',
  },
  learningRate: {
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0.001,
    placeholder: 'rate',
    description: 'peak learning rate',
  },
  beta1: {
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.9,
    placeholder: 'x',
    description: 'Adam: decay of the mean gradient',
  },
  beta2: {
    type: 'number',
    min: 0,
    max: 0.99999999,
    default: 0.999,
    placeholder: 'x',
    description: 'Adam: decay of the mean squared gradient',
  },
  epsilon: {
    type: 'number',
    min: 0,
    max: 1,
    default: 1e-7,
    placeholder: 'x',
    description: 'Adam: added to the denominator',
  },
  momentum: {
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.9,
    placeholder: 'x',
    description: 'SGD and Muon: momentum',
  },
  nesterov: { type: 'boolean', default: false, description: 'SGD and Muon: Nesterov momentum' },
  weightDecay: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0,
    placeholder: 'x',
    description:
      'SGD and Muon: decay λ, added times the weight to the gradient of kernels, those that Muon moves excepted; where a rate is multiplied, λ is divided by as much',
  },
  decayAll: {
    type: 'boolean',
    default: false,
    description: 'SGD and Muon: decay biases and batch normalisation too',
  },
  muonRate: {
    type: 'number',
    min: 0,
    max: 100,
    default: 0.24,
    placeholder: 'rate',
    description: 'Muon: peak learning rate of the filters; --learning-rate is that of all else',
  },
  muonMomentum: {
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.6,
    placeholder: 'x',
    description: "Muon: the filters' momentum",
  },
  normRate: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    placeholder: 'x',
    description: "times the learning rate for batch normalisation's parameters",
  },
  headRate: {
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    placeholder: 'x',
    description: 'times the learning rate for the last dense layer',
  },
  whiteningEpochs: {
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'epochs after which the bias of the whitening convolution stays as it is; 0 = never',
  },
  whiteningDecay: {
    type: 'boolean',
    default: false,
    description: "over --whitening-epochs that bias's rate falls in a line to 0",
  },
  schedule: {
    type: 'choice',
    choices: ['constant', 'step', 'cosine', 'one-cycle', 'triangle'],
    default: 'constant',
    placeholder: 'name',
    description: 'course of the learning rate',
  },
  warmupEpochs: {
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'epochs over which the rate first rises linearly from 0',
  },
  stepEpochs: {
    type: 'numbers',
    min: 0,
    default: [],
    placeholder: 'list',
    description:
      'step schedule: first epochs (0-based) of the lower rates; default: 2/3 and 14/15 of all (100,140 of 150)',
  },
  stepFactors: {
    type: 'numbers',
    min: 0,
    default: [0.2, 0.5],
    placeholder: 'list',
    description: 'step schedule: by what the rate is multiplied at each',
  },
  peakAt: {
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0.23,
    placeholder: 'share',
    description: 'triangle schedule: share of training after which the rate is highest',
  },
  firstFactor: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.2,
    placeholder: 'x',
    description: 'triangle schedule: first rate over the highest',
  },
  lastFactor: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0.07,
    placeholder: 'x',
    description: 'triangle schedule: last rate over the highest',
  },
  lookahead: {
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'every n updates pull the weights towards their running average, ever more; 0 = never',
  },
  lookaheadDecay: {
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.95,
    placeholder: 'x',
    description: "lookahead: the average's share of the past at the end of training, for each update",
  },
  ema: {
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0,
    placeholder: 'x',
    description:
      'judge and save a running average of the weights that keeps this share at each update; 0 = none',
  },
  labelSmoothing: {
    type: 'number',
    min: 0,
    max: 0.999,
    default: 0,
    placeholder: 'x',
    description: 'share of each label spread over all classes',
  },
  hardShare: {
    type: 'number',
    min: 0.01,
    max: 1,
    default: 1,
    placeholder: 'share',
    description:
      'train on this share of each batch only: the images on which a small net trained alongside, the proxy, has the largest loss; the others count as losses of 0 in the mean',
  },
  proxy: {
    type: 'choice',
    choices: ['auto', ...NET_NAMES],
    default: 'auto',
    placeholder: 'name',
    description:
      'network that picks the images of --hard-share; auto takes fast-proxy, or fast-proxy-muon with --optimizer muon',
  },
  seed: {
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
    placeholder: 'n',
    short: '-s',
    description: 'seed of all randomness',
  },
  validationSplit: {
    type: 'number',
    min: 0,
    max: 0.9,
    default: 0,
    placeholder: 'share',
    description:
      'hold out this share of the training set for validation; 0 = validate on the test set, as the article does',
  },
  limitTrain: {
    type: 'integer',
    min: 0,
    max: 50_000,
    default: 0,
    placeholder: 'n',
    description: 'use only the first n training images; 0 = all 50,000',
  },
  limitTest: DATA_OPTIONS.limitTest,
  validateEvery: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 1,
    placeholder: 'epochs',
    description: 'validate, and save the models, after every so many epochs and after the last one',
  },
  earlyStop: {
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'epochs',
    description: 'stop when the validation loss has not improved for so many epochs; 0 = never',
  },
  maxTime: {
    type: 'duration',
    default: 0,
    placeholder: 'duration',
    description:
      'stop at the end of the step at which so much training time is used (90s, 45m, 1h30m); 0 = no limit',
  },
  tta: {
    type: 'choice',
    choices: Object.keys(VIEW_PRESETS),
    default: 'none',
    placeholder: 'preset',
    description: 'views of each image that are averaged in an evaluation after the last epoch',
  },
  ...ENGINE_OPTIONS,
  workers: {
    type: 'integer',
    min: 0,
    max: 64,
    default: 1,
    placeholder: 'n',
    description: 'threads that prepare batches ahead; 0 = none, in the training thread',
  },
  dataDir: DATA_OPTIONS.dataDir,
  modelsDir: { type: 'string', default: 'models', placeholder: 'folder', description: 'folder of the runs' },
};
