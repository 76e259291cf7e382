import { differingOptions } from './differingOptions.js';
import { resolveTrainConfig } from './resolveTrainConfig.js';
import type { TrainConfig } from './trainOptions.js';

/** What of a run's options bears on what it is measured on and how, and not on its weights, hold-outs of a few images aside. */
const MEASURING = [
  'validationSplit',
  'splitSeed',
  'limitTest',
  'tta',
] as const satisfies readonly (keyof TrainConfig)[];

/** Whether a network is trained by a recipe as it stands today, but for the seed and what does not bear on its weights. */
export function followsRecipe(config: TrainConfig): boolean {
  const { recipe, seed } = config;
  if (recipe === 'none') return false;
  const plain = resolveTrainConfig({ recipe, seed });
  const measuring = Object.fromEntries(MEASURING.map((key) => [key, plain[key]]));
  return differingOptions(plain, { ...config, ...measuring }).length === 0;
}
