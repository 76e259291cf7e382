import { differingOptions } from '../config/differingOptions.js';
import { flagOf } from '../config/optionSpec.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { BenchmarkResult } from '../experiments/benchmark.js';
import { type Difference, SHOWN, type Summary } from '../experiments/significance.js';
import { formatDuration } from '../util/duration.js';
import { grouped } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { probability } from '../util/probability.js';
import { formatTable, print } from './output.js';

/** What a benchmark's seeds are held against; both of the accuracy with averaged views. */
export interface Judgement {
  /** p: one-sided, null where it cannot be told. */
  threshold?: { value: number; p: number | null; isShown: boolean };
  against?: { file: string; name: string; count: number; comparison: Difference | null };
}

/** Prints what came of a benchmark: a line a seed, then what they say together. */
export function printBenchmark(
  name: string,
  result: BenchmarkResult,
  config: TrainConfig,
  judgement: Judgement,
): void {
  print();
  const rows = result.runs.map((run) => [
    String(run.seed),
    percent(run.accuracy),
    percent(run.ttaAccuracy),
    formatDuration(run.trainingSeconds),
    run.imagesPerSecond.toFixed(0),
  ]);
  const columns = ['seed', 'accuracy', 'with test-time augmentation', 'training', 'images/s'];
  for (const line of formatTable(columns, rows)) print(line);
  print();
  const count = result.runs.length;
  print(
    `${titleOf(name, config)}: ${count === 1 ? 'one seed' : `${count} seeds, mean ± deviation between seeds`}`,
  );
  const { limitTest, validationSplit } = config;
  const tested = limitTest === 0 ? 'all test images' : `the first ${grouped(limitTest)} test images`;
  const heldOut = `the ${percent(validationSplit, 0)} of the training images that were held out; the test set was not looked at`;
  const images = result.judgedOn === 'test set' ? tested : heldOut;
  print(`Accuracy is measured on ${images}. Time, speed and arithmetic are medians.`);
  print(`accuracy ${summaryText(result.accuracy)}`);
  print(`with test-time augmentation ${summaryText(result.ttaAccuracy)}`);
  for (const line of judgementLines(name, judgement)) print(line);
  print(
    `one training: ${formatDuration(result.trainingSeconds)}, ${result.imagesPerSecond.toFixed(0)} images/s, ${result.petaflop.toPrecision(3)} PFLOP`,
  );
  if (count > 1 && result.ensemble !== null) {
    print(
      `all ${count} averaged: ${percent(result.ensemble.accuracy)}, ${formatDuration(result.ensemble.trainingSeconds)} of training`,
    );
  }
}

function summaryText({ mean, deviation, interval }: Summary): string {
  if (deviation === null || interval === null) return percent(mean);
  const [low, high] = interval.map((bound) => percent(bound));
  return `${percent(mean)} ± ${points(deviation)}, the true mean between ${low} and ${high} with 95 % confidence`;
}

/** A difference of accuracies in points of a percent. */
const points = (difference: number): string => (100 * difference).toFixed(2);

/** With what a seed more or less would say. */
export function judgementLines(name: string, { threshold, against }: Judgement): string[] {
  const lines: string[] = [];
  if (threshold !== undefined) {
    const { value, p, isShown } = threshold;
    const reason = p === null ? 'one seed, or equal ones, cannot tell' : `${probability(p)}, one-sided`;
    lines.push(
      `above ${percent(value)}: ${isShown ? 'shown' : 'not shown'} (${reason}; shown is p < ${SHOWN})`,
    );
  }
  if (against !== undefined) {
    const { name: other, count, comparison } = against;
    const title = `${name} less ${other} (${count === 1 ? 'one seed' : `${count} seeds`})`;
    if (comparison === null) {
      lines.push(`${title}: cannot be told of one seed, or of equal ones`);
    } else {
      const { difference, interval, p, countToShow } = comparison;
      const [low, high] = interval.map(points);
      const needed = Number.isFinite(countToShow)
        ? `a difference as large takes ${grouped(countToShow)} seeds of each to be shown in nine of ten trials`
        : 'they do not differ';
      lines.push(
        `${title}: ${points(difference)} points, between ${low} and ${high} with 95 % confidence, ${probability(p)}, two-sided; ${needed}`,
      );
    }
  }
  return lines;
}

/** A recipe by name with whatever was changed of it; other configurations by their name. */
function titleOf(name: string, config: TrainConfig): string {
  const { recipe, seed } = config;
  if (recipe === 'none') return name;
  const changes = differingOptions(resolveTrainConfig({ recipe, seed }), config).map(
    (key) => `${flagOf(key)} ${String(config[key])}`,
  );
  return [recipe, ...changes].join(' ');
}
