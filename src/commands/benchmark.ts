import { join } from 'node:path';
import { Command } from 'commander';
import { type OptionSpec, flagOf } from '../config/optionSpec.js';
import { RECIPE_NAMES } from '../config/recipeNames.js';
import { differingOptions } from '../config/differingOptions.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { BenchmarkResult, Spread } from '../experiments/benchmark.js';
import { UsageError } from '../util/errors.js';
import { formatDuration } from '../util/duration.js';
import { checkPlace, writeFileAtomic } from '../util/files.js';
import { grouped } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { planOf } from './ensembleTrain.js';
import { interruptible } from './interrupt.js';
import { memberReporter } from './memberProgress.js';
import { addOptions, withExamples } from './options.js';
import { formatTable, print, printJson, printProgress } from './output.js';
import { type OverwriteFlag, checkOverwriting, jsonOf, overwriteOption } from './overwrite.js';
import { TrainProgress } from './trainProgress.js';

const SEEDS: Readonly<Record<'seeds', OptionSpec>> = {
  seeds: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 5,
    placeholder: 'n',
    description: 'trainings, with seeds from --seed upwards',
  },
};

type Flags = Partial<TrainConfig> & OverwriteFlag & { seeds?: number; out?: string; json?: true };

export function benchmarkCommand(): Command {
  const command = new Command('benchmark')
    .description(
      'train a recipe under several seeds: accuracy as mean ± deviation, time, speed, arithmetic. Finished runs are kept, ' +
        'so that it goes on where it was stopped',
    )
    .option('-o, --out <file>', 'where the figures go; default: <recipe>.json in --models-dir')
    .option('--json', 'print the result as JSON')
    .addOption(overwriteOption());
  addOptions(command, SEEDS);
  addOptions(command, TRAIN_OPTIONS);
  withExamples(
    command,
    ['cifar benchmark --recipe fast94', 'five seeds, as the recipe stands'],
    [
      'cifar benchmark --recipe fast94 --epochs 5 --models-dir short',
      'a variant, its runs in a folder of their own',
    ],
  );
  return command.action((flags: Flags) =>
    interruptible(async (signal) => {
      const { seeds = Number(SEEDS.seeds.default), out, json, overwrite, ...given } = flags;
      if (given.recipe === undefined || given.recipe === 'none') {
        throw new UsageError(`--recipe: expected one of ${RECIPE_NAMES.join(', ')}, got none.`);
      }
      const { DATASET, testSet } = await import('./data.js');
      const { benchmark } = await import('../experiments/benchmark.js');
      const { programCommit } = await import('../util/commit.js');
      const modelsDir = given.modelsDir ?? String(TRAIN_OPTIONS.modelsDir.default);
      const planned = planOf({
        ...given,
        members: seeds,
        predictionsDir: join(modelsDir, `${given.recipe}-predictions`),
      });
      // Without views a training is judged by one pass; the article's fifty are not meant.
      const tta = planned.base.tta === 'none' ? ({ preset: 'none', share: 1 } as const) : planned.tta;
      const plan = { ...planned, tta };
      const path = out ?? join(modelsDir, `${given.recipe}.json`);
      checkPlace('--out', path);
      checkOverwriting(path, overwrite === true ? { overwrite } : {}, () => recipeOf(path) === given.recipe);
      const write = json ? printProgress : print;
      const result = await benchmark(plan, testSet(plan.base), {
        dataset: DATASET,
        reporter: new TrainProgress(write),
        members: memberReporter(write),
        signal,
      });
      const record = {
        commit: programCommit() ?? null,
        machine: result.hardware,
        command: commandLine(process.argv.slice(2)),
        date: `${new Date().toISOString().slice(0, 19)}Z`,
        figures: { recipe: given.recipe, config: plan.base, ...result },
      };
      if (json) printJson(record);
      else printResult(titleOf(plan.base), result, plan.base);
      writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
      printProgress(`Figures ${path}`);
    }),
  );
}

/** The recipe whose figures a file holds, if it does. */
function recipeOf(path: string): unknown {
  const value = jsonOf(path) as { figures?: { recipe?: unknown } } | undefined | null;
  return value?.figures?.recipe;
}

function commandLine(args: readonly string[]): string {
  return ['npx', 'cifar', ...args].join(' ');
}

const spreadText = ({ mean, deviation }: Spread): string =>
  percent(mean) + (deviation === null ? '' : ` ± ${(deviation * 100).toFixed(2)}`);

/** A recipe by name, with whatever was changed of it. */
function titleOf(config: TrainConfig): string {
  const plain = resolveTrainConfig({ recipe: config.recipe, seed: config.seed });
  const changes = differingOptions(plain, config).map((key) => `${flagOf(key)} ${String(config[key])}`);
  return [config.recipe, ...changes].join(' ');
}

function printResult(
  title: string,
  result: BenchmarkResult,
  { validationSplit, limitTest }: TrainConfig,
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
  print(`${title}: ${count === 1 ? 'one seed' : `${count} seeds, mean ± deviation between seeds`}`);
  const images = limitTest === 0 ? 'all test images' : `the first ${grouped(limitTest)} test images`;
  const heldOut = validationSplit > 0 ? ', whatever was held out of training' : '';
  print(`Accuracy is measured on ${images}${heldOut}; time, speed and arithmetic are medians.`);
  print(
    `accuracy ${spreadText(result.accuracy)}, with test-time augmentation ${spreadText(result.ttaAccuracy)}`,
  );
  print(
    `one training: ${formatDuration(result.trainingSeconds)}, ${result.imagesPerSecond.toFixed(0)} images/s, ${result.petaflop.toPrecision(3)} PFLOP`,
  );
  if (result.runs.length > 1) {
    print(
      `all ${result.runs.length} averaged: ${percent(result.ensemble.accuracy)}, ${formatDuration(result.ensemble.trainingSeconds)} of training`,
    );
  }
}
