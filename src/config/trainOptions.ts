import type { Precision } from '../engine/provider.js';
import { MUON_COEFFICIENTS } from '../engine/ops/muonCoefficients.js';
import { BACKEND_REQUESTS, type BackendRequest } from '../engine/names.js';
import { VIEW_PRESETS, type ViewPreset } from '../dataset/views/presets.js';
import { AUGMENT_PRESETS } from '../dataset/augment/presets.js';
import { FULL_SIZE, SIZE_LIST } from './imageSizes.js';
import type { OptionSpec } from './optionSpec.js';
import { RECIPE_NAMES, type RecipeName } from './recipeNames.js';
import { NET_NAMES, type NetName, OWN_NET } from '../nets/names.js';

/** Everything that decides a training run's result, and where its files lie. All of it is saved with the run. */
export interface TrainConfig {
  recipe: RecipeName | 'none';
  /** A network's name, the absolute path of a module that builds one, or `function:<name>`. */
  model: string;
  augment: string;
  imageSizes: string;
  epochs: number;
  batchSize: number;
  microBatch: number;
  optimizer: 'adam' | 'adamw' | 'sgd' | 'muon';
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
  muonCoefficients: readonly number[];
  muonRescale: readonly number[];
  muonDecay: number;
  normRate: number;
  headRate: number;
  whiteningEpochs: number;
  whiteningDecay: boolean;
  freezeAt: number;
  widening: 'random' | 'dct';
  schedule: 'constant' | 'step' | 'cosine' | 'one-cycle' | 'triangle';
  warmupEpochs: number;
  stepEpochs: readonly number[];
  stepFactors: readonly number[];
  peakAt: number;
  firstFactor: number;
  lastFactor: number;
  floorShare: number;
  lookahead: number;
  lookaheadDecay: number;
  ema: number;
  tailAverage: number;
  tailDecay: number;
  clipNorm: number;
  labelSmoothing: number;
  hardShare: number;
  proxy: NetName | 'auto';
  seed: number;
  validationSplit: number;
  splitSeed: number;
  limitTrain: number;
  limitTest: number;
  validateEvery: number;
  keepCheckpoints: readonly number[];
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

/** The groups of the help text, in its order: what most need comes first. */
const GROUPS = {
  start: 'Start here:',
  result: 'Data and results:',
  optimizer: 'Optimizer:',
  schedule: 'Schedule of the rate, and averaged weights:',
  hard: 'Choice of images:',
  engine: 'Engine:',
  folders: 'Folders:',
} as const;

/** Options that every command which computes shares. */
export const ENGINE_OPTIONS = {
  backend: {
    group: GROUPS.engine,
    type: 'choice',
    choices: BACKEND_REQUESTS,
    default: 'auto',
    placeholder: 'name',
    description: 'what computes; auto takes the fastest that is usable here (see `cifar backends`)',
  },
  precision: {
    group: GROUPS.engine,
    type: 'choice',
    choices: ['auto', 'bf16', 'f16', 'f32'],
    default: 'auto',
    placeholder: 'type',
    description:
      'number format to compute in: bf16 on the onednn backend, f16 on webgpu, f32 on all; auto is bf16 where the CPU has it, else f32',
  },
  threads: {
    group: GROUPS.engine,
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
    group: GROUPS.result,
    type: 'integer',
    min: 0,
    default: 0,
    placeholder: 'n',
    description: 'only the first n test images; 0 = all',
  },
  dataDir: {
    group: GROUPS.folders,
    type: 'string',
    default: 'data',
    placeholder: 'folder',
    description: 'folder of the data set',
  },
} as const satisfies Record<string, OptionSpec>;

/** The option table of `cifar train`; the order is the help text's. */
export const TRAIN_OPTIONS: Record<keyof TrainConfig, OptionSpec> = {
  recipe: {
    group: GROUPS.start,
    type: 'choice',
    choices: ['none', ...RECIPE_NAMES],
    default: 'none',
    placeholder: 'name',
    description: 'named set of options; others given beside it go before its own',
  },
  model: {
    group: GROUPS.start,
    type: 'choice',
    choices: NET_NAMES,
    orElse: { matches: OWN_NET, what: 'the path of a module that builds a network, ending in .mjs or .js' },
    default: 'bench',
    placeholder: 'name',
    short: '-m',
    description: 'network, or your own net.mjs',
  },
  augment: {
    group: GROUPS.start,
    type: 'string',
    default: 'none',
    placeholder: 'preset',
    short: '-a',
    description: `variation of the images: ${Object.keys(AUGMENT_PRESETS).join(', ')} or a JSON file`,
  },
  epochs: {
    group: GROUPS.start,
    type: 'number',
    min: 0.01,
    max: 100_000,
    default: 150,
    placeholder: 'n',
    short: '-e',
    description: 'passes over the training images; may be a fraction',
  },
  limitTrain: {
    group: GROUPS.start,
    type: 'integer',
    min: 0,
    default: 0,
    placeholder: 'n',
    description: 'only the first n training images; 0 = all',
  },
  seed: {
    group: GROUPS.start,
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
    placeholder: 'n',
    short: '-s',
    description: 'seed of all randomness',
  },
  limitTest: DATA_OPTIONS.limitTest,
  validationSplit: {
    group: GROUPS.result,
    type: 'number',
    min: 0,
    max: 0.9,
    default: 0,
    placeholder: 'share',
    description: 'validate on this share of the training images, held out; 0 = on the test set',
  },
  validateEvery: {
    group: GROUPS.result,
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 1,
    placeholder: 'epochs',
    description: 'validate and save models after every so many epochs and the last',
  },
  tta: {
    group: GROUPS.result,
    type: 'choice',
    choices: Object.keys(VIEW_PRESETS),
    default: 'none',
    placeholder: 'preset',
    description: 'views of each image that are averaged at the end',
  },
  maxTime: {
    group: GROUPS.result,
    type: 'duration',
    default: 0,
    placeholder: 'duration',
    description: 'stop after so much training time (90s, 45m); 0 = no limit',
  },
  earlyStop: {
    group: GROUPS.result,
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'epochs',
    description: 'stop after so many epochs without a lower loss; 0 = never',
  },
  batchSize: {
    group: GROUPS.optimizer,
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 500,
    placeholder: 'n',
    short: '-b',
    description: 'images in a step; a last partial batch of an epoch is dropped',
  },
  optimizer: {
    group: GROUPS.optimizer,
    type: 'choice',
    choices: ['adam', 'adamw', 'sgd', 'muon'],
    default: 'adam',
    placeholder: 'name',
    description:
      'rule that updates the weights; adamw is Adam with decay beside the gradient; muon moves the filters of convolutions by orthogonalised momentum and all else by SGD',
  },
  learningRate: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0.001,
    placeholder: 'rate',
    description: 'peak learning rate',
  },
  momentum: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.9,
    placeholder: 'x',
    description: 'SGD and Muon: momentum',
  },
  nesterov: {
    group: GROUPS.optimizer,
    type: 'boolean',
    default: false,
    description: 'SGD and Muon: Nesterov momentum',
  },
  weightDecay: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 10,
    default: 0,
    placeholder: 'x',
    description:
      'SGD and Muon: decay λ, added times the weight to the gradient of kernels, those that Muon moves excepted; where a rate is multiplied, λ is divided by as much. AdamW: kernels are multiplied by 1 − rate·λ before each step',
  },
  decayAll: {
    group: GROUPS.optimizer,
    type: 'boolean',
    default: false,
    description: 'SGD, Muon and AdamW: decay biases and batch normalisation too',
  },
  clipNorm: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 1_000_000,
    default: 0,
    placeholder: 'x',
    description: 'largest norm of all gradients together, which are shortened to it; 0 = no limit',
  },
  labelSmoothing: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 0.999,
    default: 0,
    placeholder: 'x',
    description: 'share of each label spread over all classes',
  },
  beta1: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.9,
    placeholder: 'x',
    description: 'Adam: decay of the mean gradient',
  },
  beta2: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 0.99999999,
    default: 0.999,
    placeholder: 'x',
    description: 'Adam: decay of the mean squared gradient',
  },
  epsilon: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 1,
    default: 1e-7,
    placeholder: 'x',
    description: 'Adam: added to the denominator',
  },
  muonRate: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 100,
    default: 0.24,
    placeholder: 'rate',
    description: 'Muon: peak learning rate of the filters; --learning-rate is that of all else',
  },
  muonMomentum: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.6,
    placeholder: 'x',
    description: "Muon: the filters' momentum",
  },
  muonDecay: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 10,
    default: 0,
    placeholder: 'x',
    description: 'Muon: decay λ of the filters, which a step multiplies by 1 − rate·λ',
  },
  muonRescale: {
    group: GROUPS.optimizer,
    type: 'numbers',
    min: 1,
    max: 100_000,
    default: [1, 1],
    placeholder: 'n,n',
    description:
      'Muon: updates from one rescaling of the filters to the next, at the beginning and at the end of training',
  },
  muonCoefficients: {
    group: GROUPS.optimizer,
    type: 'numbers',
    min: -100,
    max: 100,
    default: [...MUON_COEFFICIENTS],
    placeholder: 'a,b,c',
    description: 'Muon: polynomial of the Newton–Schulz steps',
  },
  normRate: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    placeholder: 'x',
    description: "times the learning rate for batch normalisation's parameters",
  },
  headRate: {
    group: GROUPS.optimizer,
    type: 'number',
    min: 0,
    max: 10_000,
    default: 1,
    placeholder: 'x',
    description: 'times the learning rate for the last dense layer',
  },
  schedule: {
    group: GROUPS.schedule,
    type: 'choice',
    choices: ['constant', 'step', 'cosine', 'one-cycle', 'triangle'],
    default: 'constant',
    placeholder: 'name',
    description: 'course of the learning rate',
  },
  warmupEpochs: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'epochs over which the rate first rises linearly from 0',
  },
  stepEpochs: {
    group: GROUPS.schedule,
    type: 'numbers',
    min: 0,
    default: [],
    placeholder: 'list',
    description:
      'step schedule: epochs (0-based) from which on the rate is lower; default: 2/3 and 14/15 of all (100,140 of 150)',
  },
  stepFactors: {
    group: GROUPS.schedule,
    type: 'numbers',
    min: 0,
    default: [0.2, 0.5],
    placeholder: 'list',
    description: 'step schedule: by what the rate is multiplied at each',
  },
  peakAt: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0.23,
    placeholder: 'share',
    description: 'triangle schedule: share of training after which the rate is highest',
  },
  firstFactor: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 1,
    default: 0.2,
    placeholder: 'x',
    description: 'triangle schedule: first rate over the highest',
  },
  lastFactor: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 1,
    default: 0.07,
    placeholder: 'x',
    description: 'triangle schedule: last rate over the highest',
  },
  floorShare: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0,
    placeholder: 'share',
    description: 'triangle schedule: share of training at the end that keeps the last rate',
  },
  whiteningEpochs: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'epochs after which the bias of the whitening convolution stays as it is; 0 = never',
  },
  whiteningDecay: {
    group: GROUPS.schedule,
    type: 'boolean',
    default: false,
    description: "over --whitening-epochs that bias's rate falls in a line to 0",
  },
  widening: {
    group: GROUPS.optimizer,
    type: 'choice',
    choices: ['random', 'dct'],
    default: 'random',
    description:
      'how the filters of a fast network begin that are more than their input channels: random, or a cosine (DCT) of one channel each',
  },
  freezeAt: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.99,
    default: 0,
    placeholder: 'share',
    description:
      'share of training after which the first group of convolutions of a fast network stays as it is, and what only its gradients need is not computed; 0 = never',
  },
  lookahead: {
    group: GROUPS.schedule,
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description: 'every n updates pull the weights towards their running average, ever more; 0 = never',
  },
  lookaheadDecay: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.95,
    placeholder: 'x',
    description: "lookahead: the average's share of the past at the end of training, for each update",
  },
  ema: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0,
    placeholder: 'x',
    description:
      'judge and save a running average of the weights that keeps this share at each update; 0 = none',
  },
  tailAverage: {
    group: GROUPS.schedule,
    type: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    placeholder: 'n',
    description:
      'every n updates of the end, from 2·n before --floor-share on, the weights become their running average; 0 = never',
  },
  tailDecay: {
    group: GROUPS.schedule,
    type: 'number',
    min: 0,
    max: 0.999999,
    default: 0.7,
    placeholder: 'x',
    description: "tail average: the average's share of the past",
  },
  imageSizes: {
    group: GROUPS.hard,
    type: 'choice',
    choices: [FULL_SIZE],
    orElse: { matches: SIZE_LIST, what: 'sizes such as 24,28@0.33,32@0.66' },
    default: FULL_SIZE,
    placeholder: 'list',
    description:
      'sides of the training images, shrunk after augmentation: 24,28@0.33,32@0.66 is 24 pixels, 28 from a third of training on, 32 from two thirds on; the last epoch is always at full size',
  },
  splitSeed: {
    group: GROUPS.hard,
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 0,
    placeholder: 'n',
    description:
      'seed of the draw of the held-out images alone, so that runs of several seeds hold out the same ones; 0 = as --seed',
  },
  hardShare: {
    group: GROUPS.hard,
    type: 'number',
    min: 0.01,
    max: 1,
    default: 1,
    placeholder: 'share',
    description:
      'train on this share of each batch only: the images on which a small net trained alongside, the proxy, has the largest loss; the others count as losses of 0 in the mean',
  },
  proxy: {
    group: GROUPS.hard,
    type: 'choice',
    choices: ['auto', ...NET_NAMES],
    default: 'auto',
    placeholder: 'name',
    description:
      'network that picks the images of --hard-share; auto takes fast-proxy, or fast-proxy-muon with --optimizer muon',
  },
  ...ENGINE_OPTIONS,
  microBatch: {
    group: GROUPS.engine,
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 0,
    placeholder: 'n',
    description: 'images computed at once, gradients being summed over the batch; 0 = what fits the backend',
  },
  workers: {
    group: GROUPS.engine,
    type: 'integer',
    min: 0,
    max: 64,
    default: 1,
    placeholder: 'n',
    description: 'threads that prepare batches ahead; 0 = none, in the training thread',
  },
  dataDir: DATA_OPTIONS.dataDir,
  modelsDir: {
    group: GROUPS.folders,
    type: 'string',
    default: 'models',
    placeholder: 'folder',
    description: 'folder of the runs',
  },
  keepCheckpoints: {
    group: GROUPS.folders,
    type: 'numbers',
    min: 1,
    max: 100_000,
    default: [],
    placeholder: 'list',
    description: 'keep the states after so many epochs, from which --fork begins other runs',
  },
};
