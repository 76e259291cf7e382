import { Command } from 'commander';
import { readConfigFile } from '../config/configFile.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import { TRAIN_OPTIONS, type TrainConfig } from '../config/trainOptions.js';
import { findRun } from '../runs/runFolder.js';
import { RESUMABLE } from '../config/resumable.js';
import type { RunRecord } from '../runs/runRecord.js';
import type { TrainOptions, TrainOutcome } from '../training/train.js';
import { flagOf } from '../config/optionSpec.js';
import { UsageError } from '../util/errors.js';
import { formatDuration } from '../util/duration.js';
import { percent } from '../util/percent.js';
import { DATASET } from './data.js';
import { interruptible } from './interrupt.js';
import { addOptions, withExamples } from './options.js';
import { print } from './output.js';
import { profileLines } from './profileTable.js';
import { TrainProgress } from './trainProgress.js';

interface TrainFlags extends Partial<TrainConfig> {
  config?: string;
  name?: string;
  resume?: string;
  profile?: true;
}

export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network, or go on with a run')
    .option(
      '-c, --config <file>',
      'options from a YAML or JSON file, such as the config.yaml of an earlier run',
    )
    .option(
      '-n, --name <name>',
      'name of the run, a folder in --models-dir; default: from model, augmentation and seed',
    )
    .option('-r, --resume <run>', 'go on with an interrupted run, or with a finished one to more --epochs');
  command.option(
    '--profile',
    'print time by kernel, reordered layouts, allocations and fall-backs at the end (onednn backend)',
  );
  addOptions(command, TRAIN_OPTIONS);
  withExamples(
    command,
    [
      'cifar train --model deep --augment strong',
      "the article's deep network under strong augmentation, 150 epochs",
    ],
    ['cifar train --recipe fast94', 'about 94 % in minutes, on a fast CPU'],
    ['cifar train --limit-train 5000 --limit-test 2000 --epochs 5', 'a quick look at a slice of the data'],
    ['cifar train --resume deep-strong-s1', 'go on with a run that was interrupted'],
    ['cifar train --config models/deep-strong-s1/config.yaml', 'repeat a run'],
    ['cifar train --schedule cosine --optimizer sgd --learning-rate 0.05', 'other settings'],
  );
  return command.action((flags: TrainFlags) =>
    interruptible(async (signal) => {
      const { profile, ...training } = flags;
      const outcome = await startTraining(training, {
        dataset: DATASET,
        reporter: new TrainProgress(),
        signal,
        profile: profile === true,
      });
      for (const line of resultLines(outcome)) print(line);
      if (outcome.profile !== undefined) {
        for (const line of profileLines(outcome.profile, outcome.record.trainingSeconds)) print(line);
      }
    }),
  );
}

async function startTraining(
  flags: Omit<TrainFlags, 'profile'>,
  options: TrainOptions,
): Promise<TrainOutcome> {
  const { trainNew, trainResumed } = await import('../training/train.js');
  const { config: file, name, resume, ...given } = flags;
  if (resume === undefined) {
    return trainNew(resolveTrainConfig(file === undefined ? {} : readConfigFile(file), given), name, options);
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

/** Below this, what else ran does not show in the times. */
const NOTABLE_CORES = 0.1;

/** Says when the times are not those of a machine that did nothing else. */
function sharing({ othersCores = 0, hardware }: RunRecord): string {
  if (othersCores < NOTABLE_CORES) return '';
  return ` on a shared machine (other programs kept ${othersCores.toFixed(1)} of ${hardware.cores} cores busy)`;
}

function resultLines({ folder, record }: TrainOutcome): string[] {
  const { last, best, status } = record;
  const how =
    { 'stopped-early': 'stopped early', 'out-of-time': 'stopped, its time used up' }[status as string] ??
    'finished';
  const lines = [
    `Training ${how} after ${formatDuration(record.trainingSeconds)}${sharing(record)} (${record.petaflop.toPrecision(3)} PFLOP).`,
  ];
  if (last)
    lines.push(
      `Result (last epoch, ${last.epoch + 1}): loss ${last.loss.toFixed(4)}, accuracy ${percent(last.accuracy)} on the ${record.validatedOn}`,
    );
  if (record.tta)
    lines.push(
      `With test-time augmentation (${record.tta.preset}): loss ${record.tta.loss.toFixed(4)}, accuracy ${percent(record.tta.accuracy)}`,
    );
  if (best)
    lines.push(
      `Best epoch (${best.epoch + 1}, chosen on these same images): accuracy ${percent(best.accuracy)}`,
    );
  lines.push(`Models, history and curves are in ${folder.path}`);
  return lines;
}
