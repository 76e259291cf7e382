import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import type { OptionSpec } from '../config/optionSpec.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import { readHistory } from '../runs/history.js';
import { type RunFolder, findRun } from '../runs/runFolder.js';
import { measuredOn, readRunRecord } from '../runs/runRecord.js';
import type { RunHistory } from '../plots/types.js';
import { UsageError } from '../util/errors.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { print } from './output.js';
import { pictureBase } from './pictureBase.js';

const OPTIONS: Record<'modelsDir', OptionSpec> = { modelsDir: TRAIN_OPTIONS.modelsDir };

export function plotCommand(): Command {
  const command = new Command('plot')
    .description('draw the curves of a run, or compare several: loss and accuracy by epoch')
    .argument('<runs...>', "runs' folders, or their names in --models-dir")
    .option(
      '-o, --out <path>',
      "where the picture goes, without .svg and .png; default: the run's curves, or comparison in --models-dir",
    );
  addOptions(command, OPTIONS);
  withExamples(
    command,
    ['cifar plot bench-none-s1', 'writes models/bench-none-s1/curves.svg and .png'],
    ['cifar plot bench-none-s1 bench-normal-s1', 'train left, validation right, a colour a run'],
  );
  return command.action(async (names: string[], flags: { out?: string; modelsDir?: string }) => {
    const { comparisonChart, curvesChart } = await import('../plots/curves.js');
    const { savePicture } = await import('../plots/savePicture.js');
    const { modelsDir } = optionValues<{ modelsDir: string }>(OPTIONS, flags);
    const folders = names.map((name) => findRun(name, modelsDir));
    const runs = folders.map(historyOf);
    const picture =
      runs.length === 1
        ? await curvesChart(runs[0].history, runs[0].name, runs[0].measuredOn)
        : await comparisonChart(runs);
    const usual = runs.length === 1 ? folders[0].curves : join(modelsDir, 'comparison');
    const base = flags.out === undefined ? usual : pictureBase(flags.out, basename(usual));
    const { svg, png } = savePicture(base, picture);
    print(`Pictures ${svg} and ${png}`);
  });
}

function historyOf(folder: RunFolder): RunHistory {
  const history = readHistory(folder);
  if (history.length === 0) {
    const advice = existsSync(folder.checkpoint)
      ? `go on with it by cifar train --resume ${folder.path}`
      : 'an exported folder has no history: draw the run that it was made of';
    throw new UsageError(`${folder.path} has no finished epoch to draw: ${advice}.`);
  }
  return { name: folder.name, history, measuredOn: measuredOn(readRunRecord(folder)) };
}
