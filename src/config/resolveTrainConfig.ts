import { UsageError } from '../util/errors.js';
import { didYouMean } from '../util/suggest.js';
import { flagOf, parseOption } from './optionSpec.js';
import { RECIPES } from './recipes.js';
import { TRAIN_OPTIONS, type TrainConfig } from './trainOptions.js';

/** Options that mean something only with some values of another option. */
const ONLY_WITH: readonly {
  keys: readonly (keyof TrainConfig)[];
  needs: keyof TrainConfig;
  values: string[];
}[] = [
  { keys: ['beta1', 'beta2', 'epsilon'], needs: 'optimizer', values: ['adam', 'adamw'] },
  { keys: ['momentum', 'nesterov'], needs: 'optimizer', values: ['sgd', 'muon'] },
  { keys: ['weightDecay', 'decayAll'], needs: 'optimizer', values: ['sgd', 'muon', 'adamw'] },
  {
    keys: ['muonRate', 'muonMomentum', 'muonDecay', 'muonRescale', 'muonCoefficients'],
    needs: 'optimizer',
    values: ['muon'],
  },
  { keys: ['stepEpochs', 'stepFactors'], needs: 'schedule', values: ['step'] },
  { keys: ['peakAt', 'firstFactor', 'lastFactor', 'floorShare'], needs: 'schedule', values: ['triangle'] },
];

/**
 * Checks the raw values of one source (a file or the command line) against the option table.
 * @param nameOf how the source calls a key, for messages
 */
export function checkOptions(
  raw: Readonly<Record<string, unknown>>,
  nameOf: (key: string) => string = flagOf,
): Partial<TrainConfig> {
  const checked: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (!Object.hasOwn(TRAIN_OPTIONS, key)) {
      const hint = didYouMean(key, Object.keys(TRAIN_OPTIONS));
      throw new UsageError(`Unknown option ${nameOf(key)}.${hint}`);
    }
    checked[key] = parseOption(key, TRAIN_OPTIONS[key as keyof TrainConfig], value, nameOf(key));
  }
  return checked;
}

/** The step schedule's boundaries for any length of training: the article's 100 and 140 of 150, in proportion. */
export function defaultStepEpochs(epochs: number): number[] {
  return [(epochs * 100) / 150, (epochs * 140) / 150];
}

/**
 * The complete configuration of a run: defaults, then each source over the one before it.
 * @throws UsageError where options contradict each other
 */
export function resolveTrainConfig(...sources: readonly Partial<TrainConfig>[]): TrainConfig {
  const given: Partial<TrainConfig> = Object.assign({}, ...sources.map(withRecipe)) as Partial<TrainConfig>;
  const defaults = Object.fromEntries(
    Object.entries(TRAIN_OPTIONS).map(([key, spec]) => [key, spec.default]),
  );
  const config = { ...defaults, ...given } as TrainConfig;
  // A recipe's own values give way: nobody has asked for them.
  const recipe = recipeOf(config);
  for (const { keys, needs, values } of ONLY_WITH) {
    if (values.includes(String(config[needs]))) continue;
    const key = keys.find((k) =>
      [TRAIN_OPTIONS[k].default, recipe[k]].every((v) => JSON.stringify(v) !== JSON.stringify(config[k])),
    );
    if (key === undefined) continue;
    throw new UsageError(
      `${flagOf(key)} applies to ${flagOf(needs)} ${values.join(' or ')} only, and ${flagOf(needs)} is ${String(config[needs])}: leave one out.`,
    );
  }
  if (config.schedule === 'step') config.stepEpochs = stepEpochsOf(config);
  if (config.validationSplit > 0 && config.limitTest > 0) {
    throw new UsageError(
      '--limit-test has no effect with --validation-split, which does not use the test set: leave one out.',
    );
  }
  if (config.validationSplit === 0 && config.splitSeed > 0) {
    throw new UsageError('--split-seed needs a --validation-split above 0.');
  }
  if (config.nesterov && config.momentum === 0) {
    throw new UsageError('--nesterov needs a --momentum above 0.');
  }
  const averages = (['lookahead', 'ema', 'tailAverage'] as const).filter((key) => config[key] > 0);
  if (averages.length > 1) {
    throw new UsageError(
      `${averages.map(flagOf).join(' and ')} ${averages.length === 2 ? 'both average the weights: set one of them to 0' : 'all average the weights: set all but one of them to 0'}.`,
    );
  }
  if (config.tailAverage === 0 && config.tailDecay !== TRAIN_OPTIONS.tailDecay.default) {
    throw new UsageError('--tail-decay needs --tail-average above 0.');
  }
  checkCount('muonRescale', config.muonRescale, 2);
  checkCount('muonCoefficients', config.muonCoefficients, 3);
  if (config.peakAt + config.floorShare >= 1) {
    throw new UsageError(
      `--floor-share: expected less than the ${1 - config.peakAt} of training after --peak-at, got ${config.floorShare}.`,
    );
  }
  if (config.lookahead === 0 && config.lookaheadDecay !== TRAIN_OPTIONS.lookaheadDecay.default) {
    throw new UsageError('--lookahead-decay needs --lookahead above 0.');
  }
  if (config.whiteningDecay && config.whiteningEpochs === 0) {
    throw new UsageError('--whitening-decay needs --whitening-epochs above 0.');
  }
  if (config.hardShare === 1 && config.proxy !== 'auto') {
    throw new UsageError(
      '--proxy picks the images of --hard-share: give a --hard-share below 1, or leave --proxy out.',
    );
  }
  if (config.warmupEpochs > config.epochs) {
    throw new UsageError(
      `--warmup-epochs: expected at most --epochs (${config.epochs}), got ${config.warmupEpochs}.`,
    );
  }
  if (config.microBatch > config.batchSize) {
    throw new UsageError(
      `--micro-batch: expected at most --batch-size (${config.batchSize}), got ${config.microBatch}.`,
    );
  }
  return config;
}

/** @throws UsageError when a list has not as many numbers as it must */
function checkCount(key: keyof TrainConfig, values: readonly number[], count: number): void {
  if (values.length === count) return;
  throw new UsageError(
    `${flagOf(key)}: expected ${count} numbers, separated by commas, got ${values.length}.`,
  );
}

/** A source's own values over those of the recipe it names. */
function withRecipe(source: Partial<TrainConfig>): Partial<TrainConfig> {
  return { ...recipeOf(source), ...source };
}

function recipeOf({ recipe = 'none' }: Partial<TrainConfig>): Partial<TrainConfig> {
  return recipe === 'none' ? {} : RECIPES[recipe];
}

/** The step schedule's boundaries, checked; where none are given, those for the length of training. */
function stepEpochsOf({ epochs, stepEpochs, stepFactors }: TrainConfig): readonly number[] {
  const boundaries = stepEpochs.length > 0 ? stepEpochs : defaultStepEpochs(epochs);
  if (boundaries.length !== stepFactors.length) {
    throw new UsageError(
      `--step-epochs and --step-factors: expected as many of one as of the other, got ${boundaries.length} (${boundaries.join(',')}) and ${stepFactors.length}.`,
    );
  }
  if (stepEpochs.some((epoch, i) => i > 0 && epoch < stepEpochs[i - 1])) {
    throw new UsageError(`--step-epochs: expected epochs in rising order, got ${stepEpochs.join(',')}.`);
  }
  return boundaries;
}
