import { join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import type { EnsemblePlan } from '../ensembles/ensemblePlan.js';
import type { BenchmarkResult } from '../experiments/benchmark.js';
import type { OtherBenchmark } from '../experiments/benchmarkFile.js';
import { CifarError } from '../util/errors.js';
import { type Judgement, printBenchmark } from './benchmarkReport.js';
import { heldOutSeeds, testedSeeds } from './benchmarkSeeds.js';
import { interruptible } from './interrupt.js';
import { type MemberFlags, memberOptions } from './memberIndex.js';
import { memberReporter } from './memberProgress.js';
import { addOptions, withExamples } from './options.js';
import { print, printJson, printProgress } from './output.js';
import { type OverwriteFlag, overwriteOption } from './overwrite.js';
import { TrainProgress } from './trainProgress.js';

interface BenchmarkOptions {
  seeds: number;
  /** 0: none. */
  threshold: number;
}

const OPTIONS: Readonly<Record<keyof BenchmarkOptions, OptionSpec>> = {
  seeds: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 5,
    placeholder: 'n',
    description: 'trainings, with seeds from --seed upwards',
  },
  threshold: {
    type: 'number',
    min: 0,
    max: 1,
    default: 0,
    placeholder: 'share',
    description:
      'test whether the mean is above this share, such as 0.94: one-sided, by Student’s t, shown where p < .01; 0 = no test',
  },
};

export type BenchmarkFlags = Partial<TrainConfig & BenchmarkOptions> &
  OverwriteFlag &
  MemberFlags & { name?: string; out?: string; against?: string; json?: true };

export function benchmarkCommand(): Command {
  const command = new Command('benchmark')
    .description(
      'train one configuration, a recipe or any other, under several seeds: accuracy as mean ± deviation with its 95 % interval, time, speed, ' +
        'arithmetic. Finished runs are kept, so that it goes on where it was stopped. With --validation-split it is judged on the images held out, and the test set is not looked at',
    )
    .option(
      '-n, --name <name>',
      'runs are named <name>-s<seed>; default: as `cifar train` names them, fast94-s1 or bench-normal-s1',
    )
    .option('-o, --out <file>', 'where the figures go; default: <name>.json in --models-dir')
    .option(
      '--against <file>',
      'figures of another benchmark to compare with: the difference, its 95 % interval and p by Welch’s test',
    )
    .option('--json', 'print the result as JSON')
    .addOption(overwriteOption());
  for (const option of memberOptions('seed')) command.addOption(option);
  addOptions(command, OPTIONS);
  addOptions(command, TRAIN_OPTIONS);
  withExamples(
    command,
    ['cifar benchmark --recipe fast94 --seeds 10 --threshold 0.94', 'is its mean above 94 %?'],
    [
      'cifar benchmark --recipe fast94 --epochs 5 --name short --against models/fast94.json',
      'a variant, beside the recipe as it stands',
    ],
    ['cifar benchmark --model bench --augment normal --epochs 10 --seeds 3', 'no recipe'],
  );
  return command.action((flags: BenchmarkFlags) =>
    interruptible(async (signal) => {
      const { DATASET } = await import('./data.js');
      const { readBenchmark } = await import('../experiments/benchmarkFile.js');
      const { checkFiguresPlace, keepFigures, measured } = await import('./figuresFile.js');
      const { out, against, json, memberIndex, collect } = flags;
      const { threshold = Number(OPTIONS.threshold.default) } = flags;
      const plan = await benchmarkPlan(flags);
      const { name, base: config } = plan;
      const path = out ?? join(config.modelsDir, `${name}.json`);
      checkFiguresPlace(path, name, flags, '--out');
      // Hours of training must not end at a file that cannot be read.
      const other = against === undefined ? undefined : { file: against, ...readBenchmark(against) };
      const write = json ? printProgress : print;
      const options = {
        ...{ dataset: DATASET, signal },
        ...{ reporter: new TrainProgress(write), members: memberReporter(write) },
      };
      const seeds = config.validationSplit > 0 ? await heldOutSeeds(plan) : await testedSeeds(plan);
      if (memberIndex !== undefined) {
        await seeds.one(memberIndex, options);
        return;
      }
      const result = collect === true ? seeds.finished() : await seeds.all(options);
      if (result === undefined) throw new CifarError('None of the seeds has been trained yet.');
      const trained = result.runs.length;
      const isWhole = trained === plan.members;
      if (!isWhole)
        write(`${trained} of ${plan.members} seeds have been trained: no test is made of a part of them.`);
      // Seeds that are missing may be missing for what they came to.
      const judgement = isWhole ? await judge(result, threshold, other) : {};
      const record = measured({ name, recipe: config.recipe, config, ...result, ...judgement });
      if (json) printJson(record);
      else printBenchmark(name, result, config, judgement);
      keepFigures(path, record);
    }),
  );
}

/** Runs and prediction arrays of one configuration under seeds from its own upwards. */
export async function benchmarkPlan(flags: BenchmarkFlags): Promise<EnsemblePlan> {
  const { defaultRunName } = await import('../training/train.js');
  const { name: givenName, seeds = Number(OPTIONS.seeds.default), ...others } = flags;
  const given = Object.fromEntries(Object.entries(others).filter(([key]) => key in TRAIN_OPTIONS));
  const base = resolveTrainConfig(given);
  const name = givenName ?? defaultRunName(base).replace(/-s\d+$/, '');
  return {
    ...{ name, base, members: seeds, namedBy: 'seed', kinds: [{}] },
    // Without views a training is judged by one pass.
    tta: { preset: base.tta, share: 1 },
    predictionsDir: join(base.modelsDir, `${name}-predictions`),
  };
}

/** What the seeds, with averaged views, say of the threshold and of another benchmark's. */
async function judge(
  { runs }: BenchmarkResult,
  threshold: number,
  other: (OtherBenchmark & { file: string }) | undefined,
): Promise<Judgement> {
  const { SHOWN, compareMeans, probabilityAtThreshold } = await import('../experiments/significance.js');
  const accuracies = runs.map(({ ttaAccuracy }) => ttaAccuracy);
  const p = threshold > 0 ? probabilityAtThreshold(accuracies, threshold) : null;
  return {
    ...(threshold > 0 && { threshold: { value: threshold, p, isShown: p !== null && p < SHOWN } }),
    ...(other && {
      against: {
        ...{ file: other.file, name: other.name, count: other.accuracies.length },
        comparison: compareMeans(accuracies, other.accuracies),
      },
    }),
  };
}
