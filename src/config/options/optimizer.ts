import { MUON_COEFFICIENTS } from '../../engine/ops/muonCoefficients.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';

/** How the weights begin and are updated. */
export interface OptimizerConfig {
  batchSize: number;
  optimizer: 'adam' | 'adamw' | 'sgd' | 'muon';
  learningRate: number;
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
  decayAll: boolean;
  clipNorm: number;
  labelSmoothing: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  muonRate: number;
  muonMomentum: number;
  muonDecay: number;
  muonRescale: readonly number[];
  muonCoefficients: readonly number[];
  normRate: number;
  headRate: number;
  widening: 'random' | 'dct';
}

export const OPTIMIZER_OPTIONS: Record<keyof OptimizerConfig, OptionSpec> = {
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
  widening: {
    group: GROUPS.optimizer,
    type: 'choice',
    choices: ['random', 'dct'],
    default: 'random',
    description:
      'how the filters of a fast network begin that are more than their input channels: random, or a cosine (DCT) of one channel each',
  },
};
