import { VIEW_PRESETS, type ViewPreset } from '../../dataset/views/presets.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';
import { DATA_OPTIONS } from './shared.js';

/** How a training is judged, and when it ends early. */
export interface ResultConfig {
  limitTest: number;
  validationSplit: number;
  validateEvery: number;
  tta: ViewPreset;
  maxTime: number;
  earlyStop: number;
}

export const RESULT_OPTIONS: Record<keyof ResultConfig, OptionSpec> = {
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
};
