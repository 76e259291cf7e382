import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { formatConfig, readConfigFile } from '../config/configFile.js';
import { RECIPE_NAMES } from '../config/recipeNames.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { findRun } from '../runs/runFolder.js';
import { RESUMABLE } from '../config/resumable.js';
import type { ForkPoint, TrainOptions, TrainOutcome } from '../training/train.js';
import { flagOf } from '../config/optionSpec.js';
import { NET_NAMES } from '../nets/names.js';
import { UsageError } from '../util/errors.js';
import { DATASET } from './data.js';
import { interruptible } from './interrupt.js';
import { addOptions, withExamples } from './options.js';
import { JsonProgress, trainedLine } from './jsonProgress.js';
import { print, printJsonLine } from './output.js';
import { profileLines } from './profileTable.js';
import { TrainProgress } from './trainProgress.js';
import { resultLines } from './trainResult.js';

interface TrainFlags extends Partial<TrainConfig> {
  config?: string;
  name?: string;
  resume?: string;
  fork?: string;
  profile?: true;
  printConfig?: true;
  json?: true;
  takeOver?: true;
}

/** The options that are not part of a configuration, under the headings of those that are. */
function ownOptions(): Option[] {
  const start = TRAIN_OPTIONS.recipe.group ?? '';
  const engine = TRAIN_OPTIONS.backend.group ?? '';
  return [
    new Option('-r, --resume <run>', 'go on with a run, or with a finished one to more --epochs').helpGroup(
      start,
    ),
    new Option('-n, --name <name>', "the run's name (default: from the options)").helpGroup(start),
    new Option(
      '-c, --config <file>',
      "options from a YAML or JSON file, such as a run's config.yaml",
    ).helpGroup(start),
    new Option('--print-config', 'print what would be trained, as such a file').helpGroup(start),
    new Option('--json', 'print a line of JSON an epoch, and one of the result').helpGroup(
      TRAIN_OPTIONS.modelsDir.group ?? '',
    ),
    new Option(
      '--fork <run@epoch>',
      'begin from the state that a run kept after an epoch, with other options from there on',
    ).helpGroup(TRAIN_OPTIONS.modelsDir.group ?? ''),
    new Option(
      '--take-over',
      'with --resume: also a run whose owner, on another machine, seems alive',
    ).helpGroup(TRAIN_OPTIONS.modelsDir.group ?? ''),
    new Option(
      '--profile',
      'print the time of each kernel at the end (onednn and webgpu backends)',
    ).helpGroup(engine),
  ];
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network, or go on with a run')
    .argument('[words...]')
    .usage('[options]');
  addOptions(command, TRAIN_OPTIONS);
  for (const option of ownOptions()) command.addOption(option);
  withExamples(
    command,
    [
      'cifar train --model deep --augment strong',
      "the article's deep network under strong augmentation, 150 epochs",
    ],
    ['cifar train --recipe fast94', 'about 94 % in minutes, on a fast CPU'],
    [
      'cifar train --recipe fast94-muon --limit-train 10000 --limit-test 2000 -e 3',
      'a quick look: to 60 % in one to three minutes',
    ],
    ['cifar train --resume deep-strong-s1', 'go on with a run that was interrupted'],
    ['cifar train --config models/deep-strong-s1/config.yaml', 'repeat a run'],
    [
      'cifar train --fork deep-normal-s1@100 --schedule step',
      'train on from its 100th epoch at a lower rate',
    ],
    ['cifar train --schedule cosine --optimizer sgd --learning-rate 0.05', 'other settings'],
  );
  return command.action((words: string[], flags: TrainFlags) =>
    interruptible(async (signal) => {
      refuseArguments(words);
      const { profile, printConfig, json, takeOver, ...training } = flags;
      if (printConfig === true) {
        process.stdout.write(formatConfig(configOf(training)));
        return;
      }
      const outcome = await startTraining(training, {
        dataset: DATASET,
        reporter: json === true ? new JsonProgress() : new TrainProgress(),
        signal,
        profile: profile === true,
        takeOver: takeOver === true,
      });
      const { folder, record } = outcome;
      if (json === true) {
        printJsonLine(trainedLine(folder, record));
        return;
      }
      const { diagnosis } = await import('../runs/diagnosis.js');
      const { readHistory } = await import('../runs/history.js');
      const isFound = dirname(folder.path) === String(TRAIN_OPTIONS.modelsDir.default);
      const runName = isFound ? folder.name : folder.path;
      const classes = DATASET.classNames.length;
      const sentence = diagnosis(record, readHistory(folder), classes);
      const lines = resultLines(folder, record, classes, runName, sentence);
      for (const line of lines) print(line);
      if (outcome.profile !== undefined) {
        for (const line of profileLines(outcome.profile, record.trainingSeconds)) print(line);
      }
    }),
  );
}

/** @throws UsageError with the option that was meant */
function refuseArguments([word]: readonly string[]): void {
  if (word === undefined) return;
  const isIn = (names: readonly string[]): boolean => names.includes(word);
  const meant = isIn(RECIPE_NAMES)
    ? ` Did you mean --recipe ${word}?`
    : isIn(NET_NAMES)
      ? ` Did you mean --model ${word}?`
      : '';
  throw new UsageError(`cifar train takes options only, got "${word}".${meant}`);
}

/** The configuration of a new run. */
function configOf({
  config: file,
  ...given
}: Omit<
  TrainFlags,
  'name' | 'resume' | 'fork' | 'profile' | 'printConfig' | 'json' | 'takeOver'
>): TrainConfig {
  return resolveTrainConfig(file === undefined ? {} : readConfigFile(file), given);
}

/** `RUN@EPOCH` */
function forkPoint(text: string, modelsDir = String(TRAIN_OPTIONS.modelsDir.default)): ForkPoint {
  const [, run, epoch] = /^(.+)@(\d+)$/.exec(text) ?? [];
  if (run === undefined) {
    throw new UsageError(
      `--fork: expected a run and a number of epochs, such as deep-normal-s1@100, got "${text}".`,
    );
  }
  return { parent: findRun(run, modelsDir), epoch: Number(epoch) };
}

async function startTraining(
  flags: Omit<TrainFlags, 'profile' | 'printConfig' | 'json' | 'takeOver'>,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const { trainForked, trainNew, trainResumed } = await import('../training/train.js');
  const { config: file, name, resume, fork, ...given } = flags;
  const others = { '--resume': resume, '--config': file, '--recipe': given.recipe };
  const second = Object.entries(others).find(([, value]) => fork !== undefined && value !== undefined)?.[0];
  if (second !== undefined)
    throw new UsageError(`--fork takes the options of the run it names: leave ${second} out.`);
  if (fork !== undefined) return trainForked(forkPoint(fork, given.modelsDir), given, name, options);
  if (resume === undefined) {
    return trainNew(configOf({ ...given, ...(file !== undefined && { config: file }) }), name, options);
  }
  const fixed = Object.keys({
    ...given,
    ...(file === undefined ? {} : { config: file }),
    ...(name === undefined ? {} : { name }),
  }).filter((key) => !(RESUMABLE as readonly string[]).includes(key));
  if (fixed.length > 0) {
    throw new UsageError(
      `${fixed.map(flagOf).join(', ')} cannot change when a run goes on; with --resume only ${RESUMABLE.map(flagOf).join(', ')} can.`,
    );
  }
  const folder = findRun(resume, given.modelsDir ?? String(TRAIN_OPTIONS.modelsDir.default));
  return trainResumed(folder, given, options);
}
