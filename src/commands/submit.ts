import { Command, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import type { OptionSpec } from '../config/optionSpec.js';
import type { SubmissionPlan } from '../experiments/submission/plan.js';
import type { SlurmRequest } from '../experiments/submission/slurmScript.js';
import { usableCores } from '../engine/cores.js';
import { UsageError } from '../util/errors.js';
import { benchmarkCommand } from './benchmark.js';
import { ensembleTrainCommand } from './ensembleTrain.js';
import { addOptions, withExamples } from './options.js';
import { print, printProgress } from './output.js';
import { reproduceCommand } from './reproduce.js';
import { searchCommand } from './search.js';
import {
  type Experiment,
  type Given,
  benchmarkStages,
  ensembleStages,
  reproduceStages,
  searchStages,
} from './submittedStages.js';

interface SlurmFlags {
  slurm?: true;
  partition?: string;
  cpus?: number;
  time?: string;
  arrayLimit?: number;
  maxRequeues?: number;
  saveBefore?: number;
  sbatch?: string[];
  dryRun?: true;
}

const GROUP = 'Slurm:';

const NUMBERS: Readonly<Record<'cpus' | 'arrayLimit' | 'maxRequeues' | 'saveBefore', OptionSpec>> = {
  cpus: {
    ...{ group: GROUP, type: 'integer', min: 1, max: 1024, default: 0, placeholder: 'n' },
    description: 'cores of a task, and threads that it computes with; 0 = as many as here',
  },
  arrayLimit: {
    ...{ group: GROUP, type: 'integer', min: 0, max: 10_000, default: 0, placeholder: 'n' },
    description: 'most tasks that run at once; 0 = as many as may',
  },
  maxRequeues: {
    ...{ group: GROUP, type: 'integer', min: 0, max: 1000, default: 5, placeholder: 'n' },
    description: 'how often a task that meets its time limit goes on',
  },
  saveBefore: {
    ...{ group: GROUP, type: 'integer', min: 5, max: 3600, default: 120, placeholder: 'seconds' },
    description: 'how long before its time limit a task is told to save',
  },
};

/** Of Slurm's options, those that take no value. */
const WITHOUT_VALUE = ['--slurm', '--dry-run'];
const OWN = [
  ...WITHOUT_VALUE,
  ...['--partition', '--time', '--sbatch', '--cpus', '--array-limit', '--max-requeues', '--save-before'],
];

export function submitCommand(): Command {
  const command = new Command('submit').description(
    'hand trainings to a cluster’s scheduler, a task each, and what sums them up after them; `cifar status` shows what becomes of them',
  );
  command.addCommand(
    submitting(ensembleTrainCommand().name('ensemble'), 'an ensemble, a task a member', ensembleStages),
  );
  command.addCommand(submitting(benchmarkCommand(), 'a benchmark, a task a seed', benchmarkStages));
  command.addCommand(
    submitting(
      reproduceCommand(),
      'the article’s experiments, a task a row, and a member of its ensemble',
      reproduceStages,
    ),
  );
  command.addCommand(
    submitting(
      searchCommand(),
      'a search, a task a configuration: an array a rung, each after the one before',
      searchStages,
    ),
  );
  return withExamples(
    command,
    [
      'cifar submit ensemble --slurm --cpus 8 --time 8:00:00',
      'the article’s ten networks, each a task of a job array',
    ],
    [
      'cifar submit benchmark --recipe fast94 --seeds 10 --slurm --dry-run',
      'writes the batch scripts, to be read or handed over by hand',
    ],
    ['cifar submit search examples/search.yaml --slurm', 'an array a rung'],
    ['cifar status', 'how far they are'],
  );
}

/** A command's own options, and Slurm's; what it would do is done by others. */
function submitting(
  command: Command,
  what: string,
  experimentOf: (flags: object, given: Given) => Promise<Experiment>,
): Command {
  command
    .description(`${what}: the options are those of the command itself`)
    .addOption(
      new Option('--slurm', 'by Slurm: one batch script an array of tasks, handed to sbatch').helpGroup(
        GROUP,
      ),
    )
    .addOption(new Option('--partition <name>', 'where the tasks run').helpGroup(GROUP))
    .addOption(
      new Option('--time <limit>', 'limit of a task, as Slurm writes it: minutes, or D-HH:MM:SS').helpGroup(
        GROUP,
      ),
    )
    .addOption(
      new Option('--sbatch <options...>', 'further options for each script, such as --account=lab').helpGroup(
        GROUP,
      ),
    )
    .addOption(new Option('--dry-run', 'write the scripts, and hand nothing over').helpGroup(GROUP));
  addOptions(command, NUMBERS);
  return command.action(async () => {
    const flags = command.opts<SlurmFlags & { memberIndex?: number; collect?: true }>();
    if (flags.slurm !== true) throw new UsageError('Say by which scheduler: --slurm.');
    if (flags.memberIndex !== undefined || flags.collect === true) {
      throw new UsageError('--member-index and --collect are for the tasks themselves: leave them out.');
    }
    await submit(command.name() as SubmissionPlan['kind'], flags, (args, cpus) =>
      experimentOf(flags, { args, operands: command.args, cpus }),
    );
  });
}

async function submit(
  kind: SubmissionPlan['kind'],
  flags: SlurmFlags,
  experimentOf: (args: string[], cpus: number) => Promise<Experiment>,
): Promise<void> {
  const { submitToSlurm, writeScripts } = await import('../experiments/submission/slurm.js');
  const cpus = flags.cpus === undefined || flags.cpus === 0 ? usableCores() : flags.cpus;
  const given = ownArguments(process.argv.slice(process.argv.indexOf(kind) + 1));
  const experiment = await experimentOf(given, cpus);
  const plan: SubmissionPlan = { ...experiment, kind, folder: process.cwd(), jobs: {} };
  const request: SlurmRequest = {
    cpus,
    ...(flags.partition !== undefined && { partition: flags.partition }),
    ...(flags.time !== undefined && { time: flags.time }),
    arrayLimit: flags.arrayLimit ?? Number(NUMBERS.arrayLimit.default),
    maxRequeues: flags.maxRequeues ?? Number(NUMBERS.maxRequeues.default),
    saveBefore: flags.saveBefore ?? Number(NUMBERS.saveBefore.default),
    more: flags.sbatch ?? [],
  };
  const program = [process.execPath, fileURLToPath(new URL('../cli.js', import.meta.url))] as const;
  const scripts = writeScripts(plan, request, program);
  for (const path of scripts) printProgress(`Script ${path}`);
  if (flags.dryRun === true) {
    print('Nothing was handed over. In this order:');
    const after = [...plan.stages.map((stage) => stage.after), plan.stages.map(({ name }) => name)];
    scripts.forEach((path, i) => {
      const jobs = after[i].map((stage) => `<job of ${stage}>`).join(':');
      print(`  sbatch ${jobs === '' ? '' : `--dependency=afterany:${jobs} `}${path}`);
    });
    return;
  }
  const { jobs } = submitToSlurm(plan);
  for (const [name, job] of Object.entries(jobs)) print(`Job ${job}: ${name}`);
  print(`How far they are: cifar status ${plan.name}`);
}

/** What was given to the command itself, without Slurm's options. */
function ownArguments(args: readonly string[]): string[] {
  const own: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const name = args[i].split('=')[0];
    if (!OWN.includes(name)) own.push(args[i]);
    else if (!args[i].includes('=') && !WITHOUT_VALUE.includes(name)) i++;
  }
  return own;
}
