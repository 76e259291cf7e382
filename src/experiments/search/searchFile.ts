import { basename, extname } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { checkOptions, resolveTrainConfig } from '../../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../../config/trainOptions.js';
import { checkValue } from '../../io/json.js';
import { UsageError, messageOf, readProblem } from '../../util/errors.js';
import { readTextFile } from '../../util/readText.js';
import { sha256 } from '../../util/sha256.js';

/** What a value may be: one of a list, or of a range. */
export type Choices =
  | readonly (string | number | boolean)[]
  | { from: number; to: number; scale: 'linear' | 'log'; steps?: number };

/** A search as its file says it. */
export interface Search {
  /** Runs are `<name>-0`, `<name>-1`, … */
  name: string;
  /** Options that all have in common, resolved; the trainings' full length is its `epochs`. */
  base: Partial<TrainConfig>;
  space: Readonly<Record<string, Choices>>;
  method: 'grid' | 'random';
  /** Of random search. */
  trials: number;
  seed: number;
  /** Of so many in a rung, one goes on to the next. */
  eta: number;
  /** Epochs after which the trainings of a rung are compared, rising; the last is the full length. */
  rungs: readonly number[];
  /** Seeds under which the winner is trained again. */
  finalSeeds: number;
  /** Of the file: a search goes on only from the very same. */
  sha256: string;
}

const RANGE = v.strictObject({
  from: v.pipe(v.number(), v.finite()),
  to: v.pipe(v.number(), v.finite()),
  scale: v.optional(v.picklist(['linear', 'log']), 'linear'),
  steps: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000))),
});

const FILE = v.strictObject({
  name: v.exactOptional(
    v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'a name of letters, digits, ".", "_" and "-"')),
  ),
  base: v.optional(v.looseObject({}), {}),
  space: v.record(v.string(), v.union([v.array(v.union([v.string(), v.number(), v.boolean()])), RANGE])),
  method: v.optional(v.picklist(['grid', 'random']), 'grid'),
  trials: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)), 20),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  eta: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(100)), 3),
  rungs: v.exactOptional(v.array(v.pipe(v.number(), v.integer(), v.minValue(1)))),
  finalSeeds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), 3),
});

/** What a search decides by itself. */
const OWN: readonly string[] = [
  'seed',
  'validateEvery',
  'keepCheckpoints',
  'earlyStop',
  'modelsDir',
  'dataDir',
];

/**
 * Reads the file of a search.
 * @throws UsageError naming the field that is wrong
 */
export function readSearch(path: string): Search {
  let text: string;
  let content: unknown;
  try {
    text = readTextFile(path);
    content = parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read the search ${path}: ${readProblem(error).split('\n')[0]}.`, {
      cause: error,
    });
  }
  let file: v.InferOutput<typeof FILE>;
  try {
    file = checkValue(content, FILE);
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}.`, { cause: error });
  }
  const base = checkOptions({ ...file.base }, (key) => `${path}: base.${key}`);
  const { epochs, validationSplit } = resolveTrainConfig(base);
  for (const key of [...Object.keys(file.space), ...Object.keys(base)].filter((one) => OWN.includes(one))) {
    throw new UsageError(`${path}: ${key} is decided by the search itself: leave it out.`);
  }
  if ('epochs' in file.space) {
    throw new UsageError(
      `${path}: trainings of different lengths cannot be compared by halving: give epochs in base.`,
    );
  }
  if (!(validationSplit > 0)) {
    throw new UsageError(
      `${path}: base.validationSplit: expected a share of the training images that is held out to choose by, such as 0.1: nothing is chosen by the test set.`,
    );
  }
  for (const [key, choices] of Object.entries(file.space)) checkChoices(path, key, choices, file.method);
  return {
    ...file,
    name: file.name ?? basename(path, extname(path)),
    base,
    space: file.space,
    rungs: rungsOf(path, file.rungs, epochs, file.eta),
    sha256: sha256(Buffer.from(text)),
  };
}

function checkChoices(path: string, key: string, choices: Choices, method: Search['method']): void {
  const where = `${path}: space.${key}`;
  if (!Object.hasOwn(TRAIN_OPTIONS, key)) throw new UsageError(`${where} is no option of training.`);
  if (!('from' in choices)) {
    if (choices.length === 0) throw new UsageError(`${where}: expected at least one value, got none.`);
    for (const value of choices) checkOptions({ [key]: value }, () => where);
    return;
  }
  const { from, to, scale, steps } = choices;
  if (!(from < to) || (scale === 'log' && from <= 0)) {
    throw new UsageError(
      `${where}: expected a range that rises${scale === 'log' ? ', above 0' : ''}, got ${from} to ${to}.`,
    );
  }
  for (const value of [from, to]) checkOptions({ [key]: value }, () => where);
  if (method === 'grid' && steps === undefined) {
    throw new UsageError(`${where}: a grid takes values: give steps beside from and to, or a list.`);
  }
}

/** As given, or each longer by eta than the one before, to the full length. */
function rungsOf(path: string, given: number[] | undefined, epochs: number, eta: number): number[] {
  if (!Number.isInteger(epochs)) {
    throw new UsageError(`${path}: base.epochs: expected a whole number, got ${epochs}.`);
  }
  if (given === undefined) {
    const rungs = [epochs];
    while (rungs[0] / eta >= 1) rungs.unshift(Math.floor(rungs[0] / eta));
    return rungs;
  }
  const isRising = given.every((rung, i) => i === 0 || rung > given[i - 1]);
  if (!isRising || given.at(-1) !== epochs) {
    throw new UsageError(
      `${path}: rungs: expected epochs that rise to the full length, ${epochs}, got ${given.join(', ')}.`,
    );
  }
  return given;
}
