import { RECIPE_NAMES, type RecipeName } from '../recipeNames.js';
import { AUGMENT_PRESETS } from '../../dataset/augment/presets.js';
import { NET_NAMES, OWN_NET } from '../../nets/names.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';

/** What is trained, on what, for how long. */
export interface StartConfig {
  recipe: RecipeName | 'none';
  /** A network's name, the absolute path of a module that builds one, or `function:<name>`. */
  model: string;
  augment: string;
  epochs: number;
  limitTrain: number;
  seed: number;
}

export const START_OPTIONS: Record<keyof StartConfig, OptionSpec> = {
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
};
