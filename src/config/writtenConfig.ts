import type { RecipeName } from './recipeNames.js';
import { RECIPES } from './recipes.js';
import { resolveTrainConfig } from './resolveTrainConfig.js';
import type { TrainConfig } from './trainOptions.js';

/** What recipes are called today that had another name when a file was written. */
const RENAMED: readonly {
  isOf: (options: Partial<TrainConfig>) => boolean;
  names: Readonly<Partial<Record<RecipeName, RecipeName>>>;
}[] = [
  {
    isOf: (options) => !('imageSizes' in options),
    names: { fast94: 'fast94-sgd', fast: 'fast95-muon' },
  },
  // Its tail was as long, and a larger share.
  {
    isOf: ({ floorShare }) => floorShare === RECIPES['fast94-2026'].floorShare,
    names: { fast94: 'fast94-2026' },
  },
  // It had none of what came with small images.
  {
    isOf: ({ floorShare, tailAverage, muonDecay }) =>
      [floorShare, tailAverage, muonDecay].every((value) => value === 0),
    names: { fast: 'fast95-muon' },
  },
];

/** Options that every file which the program ever wrote of a run has, and nobody would write all of. */
const ALWAYS_WRITTEN = ['recipe', 'epsilon', 'nesterov', 'warmupEpochs', 'limitTest', 'modelsDir'] as const;

/**
 * The options of a run's own files, config.yaml and run.json, as they were meant: an option that is newer than the file was at its default
 * then, and a recipe that has since been given to another definition is named as it is today. A file that somebody wrote by hand, which
 * leaves out what it does not decide, stays as it is.
 */
export function asWritten(options: Partial<TrainConfig>): Partial<TrainConfig> {
  if (!ALWAYS_WRITTEN.every((key) => key in options)) return options;
  const { recipe } = options;
  const renamed = RENAMED.find(({ isOf, names }) => recipe !== undefined && recipe in names && isOf(options))
    ?.names[recipe as RecipeName];
  return { ...resolveTrainConfig(), ...options, ...(renamed && { recipe: renamed }) };
}
