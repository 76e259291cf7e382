import { UsageError } from '../util/errors.js';
import { didYouMean } from '../util/suggest.js';
import { flagOf, parseOption } from './optionSpec.js';
import { TRAIN_OPTIONS, type TrainConfig } from './trainOptions.js';

/** Options that mean something only with one value of another option. */
const ONLY_WITH: readonly { key: keyof TrainConfig; needs: keyof TrainConfig; value: string }[] = [
  { key: 'beta1', needs: 'optimizer', value: 'adam' },
  { key: 'beta2', needs: 'optimizer', value: 'adam' },
  { key: 'epsilon', needs: 'optimizer', value: 'adam' },
  { key: 'momentum', needs: 'optimizer', value: 'sgd' },
  { key: 'nesterov', needs: 'optimizer', value: 'sgd' },
  { key: 'weightDecay', needs: 'optimizer', value: 'sgd' },
  { key: 'stepEpochs', needs: 'schedule', value: 'step' },
  { key: 'stepFactors', needs: 'schedule', value: 'step' },
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
  return [Math.round((epochs * 100) / 150), Math.round((epochs * 140) / 150)];
}

/**
 * The complete configuration of a run: defaults, then each source over the one before it.
 * @throws UsageError where options contradict each other
 */
export function resolveTrainConfig(...sources: readonly Partial<TrainConfig>[]): TrainConfig {
  const given: Partial<TrainConfig> = Object.assign({}, ...sources) as Partial<TrainConfig>;
  const defaults = Object.fromEntries(
    Object.entries(TRAIN_OPTIONS).map(([key, spec]) => [key, spec.default]),
  );
  const config = { ...defaults, ...given } as TrainConfig;
  for (const { key, needs, value } of ONLY_WITH) {
    const isDefault = JSON.stringify(config[key]) === JSON.stringify(TRAIN_OPTIONS[key].default);
    if (!isDefault && config[needs] !== value) {
      throw new UsageError(
        `${flagOf(key)} applies to ${flagOf(needs)} ${value} only, and ${flagOf(needs)} is ${String(config[needs])}: leave one out.`,
      );
    }
  }
  if (config.schedule === 'step') config.stepEpochs = stepEpochsOf(config);
  if (config.validationSplit > 0 && config.limitTest > 0) {
    throw new UsageError(
      '--limit-test has no effect with --validation-split, which does not use the test set: leave one out.',
    );
  }
  if (config.nesterov && config.momentum === 0) {
    throw new UsageError('--nesterov needs a --momentum above 0.');
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
