import type { Precision } from '../engine/provider.js';
import { BACKEND_REQUESTS, type BackendRequest } from '../engine/names.js';
import type { OptionSpec } from './optionSpec.js';
import { NET_NAMES, type NetName } from '../nets/names.js';

/** Everything that decides a training run's result, and where its files lie. All of it is saved with the run. */
export interface TrainConfig {
  model: NetName;
  augment: string;
  epochs: number;
  batchSize: number;
  microBatch: number;
  optimizer: 'adam' | 'sgd';
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  schedule: 'constant' | 'step' | 'cosine' | 'one-cycle';
  warmupEpochs: number;
  stepEpochs: readonly number[];
  stepFactors: readonly number[];
  labelSmoothing: number;
  seed: number;
  validationSplit: number;
  limitTrain: number;
  limitTest: number;
  earlyStop: number;
  maxTime: number;
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
    description: 'augmentation: none, normal, strong or a JSON file',
  },
  epochs: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 150,
    placeholder: 'n',
    short: '-e',
    description: 'passes over the training set',
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
    choices: ['adam', 'sgd'],
    default: 'adam',
    placeholder: 'name',
    description: 'rule that updates the weights',
  },
  learningRate: {
    type: 'number',
    min: 0,
    max: 100,
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
    description: 'SGD: momentum',
  },
  nesterov: { type: 'boolean', default: false, description: 'SGD: Nesterov momentum' },
  weightDecay: {
    type: 'number',
    min: 0,
    max: 10,
    default: 0,
    placeholder: 'x',
    description: 'SGD: weight decay, added to the gradient (kernels only)',
  },
  schedule: {
    type: 'choice',
    choices: ['constant', 'step', 'cosine', 'one-cycle'],
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
  labelSmoothing: {
    type: 'number',
    min: 0,
    max: 0.999,
    default: 0,
    placeholder: 'x',
    description: 'share of each label spread over all classes',
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
