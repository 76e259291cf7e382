import { Command } from 'commander';
import { flagOf, type OptionSpec } from '../config/optionSpec.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import type { ListedRun } from '../runs/compareRuns.js';
import { formatDuration } from '../util/duration.js';
import { percent } from '../util/percent.js';
import { addOptions, optionValues, withExamples } from './options.js';
import { formatTable, print, printJson } from './output.js';

const OPTIONS: Record<'modelsDir', OptionSpec> = { modelsDir: TRAIN_OPTIONS.modelsDir };

export function runsCommand(): Command {
  const command = new Command('runs')
    .description('the runs there are: what differs between them, and what came of them')
    .option('--json', 'print the result as JSON');
  addOptions(command, OPTIONS);
  withExamples(command, ['cifar runs', 'those in models/, in the order of their starts']);
  return command.action(async (flags: { modelsDir?: string; json?: true }) => {
    const { compareRuns } = await import('../runs/compareRuns.js');
    const { modelsDir } = optionValues<{ modelsDir: string }>(OPTIONS, flags);
    const runs = compareRuns(modelsDir);
    if (flags.json === true) {
      printJson(runs.map(factsOf));
      return;
    }
    if (runs.length === 0) {
      print(
        `No runs in ${modelsDir}/ yet. The first one:  cifar train --recipe fast94-muon --limit-train 10000 --limit-test 2000 --epochs 3`,
      );
      return;
    }
    const columns = ['run', 'status', 'epochs', 'accuracy', 'with views', 'training', 'what differs'];
    const rows = formatTable(
      columns.slice(0, -1),
      runs.map((run) => cellsOf(run)),
    );
    rows.forEach((line, i) =>
      print(i === 0 ? `${line}  ${columns[6]}` : i === 1 ? line : `${line}  ${differenceOf(runs[i - 2])}`),
    );
  });
}

function cellsOf(run: ListedRun): string[] {
  if ('problem' in run) return [run.name, 'unreadable', '–', '–', '–', '–'];
  const { status, last, tta, trainingSeconds, config } = run.record;
  return [
    run.name,
    status,
    `${last === undefined ? 0 : last.epoch + 1}/${config.epochs}`,
    last === undefined ? '–' : percent(last.accuracy),
    tta === undefined ? '–' : percent(tta.accuracy),
    formatDuration(trainingSeconds),
  ];
}

function differenceOf(run: ListedRun): string {
  if ('problem' in run) return run.problem;
  return Object.entries(run.own)
    .map(([key, value]) => `${flagOf(key).slice(2)} ${String(value)}`)
    .join(', ');
}

function factsOf(run: ListedRun): object {
  if ('problem' in run) return run;
  const { name, own, record } = run;
  const { status, startedAt, config, last, best, tta, trainingSeconds, petaflop } = record;
  return {
    name,
    status,
    startedAt,
    epochs: config.epochs,
    last,
    best,
    tta,
    trainingSeconds,
    petaflop,
    differs: own,
  };
}
