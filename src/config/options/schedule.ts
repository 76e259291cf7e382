import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';

/** The course of the rate, what stays as it is from when on, and averages of the weights. */
export interface ScheduleConfig {
  schedule: 'constant' | 'step' | 'cosine' | 'one-cycle' | 'triangle';
  warmupEpochs: number;
  stepEpochs: readonly number[];
  stepFactors: readonly number[];
  peakAt: number;
  firstFactor: number;
  lastFactor: number;
  floorShare: number;
  whiteningEpochs: number;
  whiteningDecay: boolean;
  freezeAt: number;
  lookahead: number;
  lookaheadDecay: number;
  ema: number;
  tailAverage: number;
  tailDecay: number;
}

export const SCHEDULE_OPTIONS: Record<keyof ScheduleConfig, OptionSpec> = {
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
};
