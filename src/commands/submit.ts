import { Command, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import type { OptionSpec } from '../config/optionSpec.js';
import type { EnsemblePlan } from '../ensembles/trainEnsemble.js';
import type { Stage, SubmissionPlan } from '../experiments/submission/plan.js';
import type { SlurmRequest } from '../experiments/submission/slurmScript.js';
import { usableCores } from '../engine/cores.js';
import { UsageError } from '../util/errors.js';
import { benchmarkCommand, benchmarkPlan } from './benchmark.js';
import { type EnsembleFlags, ensembleTrainCommand, planOf } from './ensembleTrain.js';
import { addOptions, withExamples } from './options.js';
import { print, printProgress } from './output.js';
import { type ReproduceFlags, reproduceCommand, reproducePlan } from './reproduce.js';

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

/** What a kind of experiment is made of. */
interface Experiment {
  name: string;
  modelsDir: string;
  predictionsDir: string;
  /** Without the threads and the number format of the tasks. */
  stages: Stage[];
  collect: string[];
}

export function submitCommand(): Command {
  const command = new Command('submit').description(
    'hand trainings to a cluster’s scheduler, a task each, and what sums them up after them; `cifar status` shows what becomes of them',
  );
  command.addCommand(
    submitting(ensembleTrainCommand().name('ensemble'), 'an ensemble, a task a member', (flags, args) =>
      Promise.resolve(membersOf(planOf(flags as EnsembleFlags), ['ensemble', 'train', ...args], 'members')),
    ),
  );
  command.addCommand(
    submitting(benchmarkCommand(), 'a benchmark, a task a seed', async (flags, args) =>
      membersOf(await benchmarkPlan(flags), ['benchmark', ...args], 'seeds'),
    ),
  );
  command.addCommand(
    submitting(
      reproduceCommand(),
      'the article’s experiments, a task a row, and a member of its ensemble',
      (flags, args) => rowsOf(flags, args),
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
    ['cifar status', 'how far they are'],
  );
}

/** A command's own options, and Slurm's; what it would do is done by others. */
function submitting(
  command: Command,
  what: string,
  experimentOf: (flags: object, args: string[]) => Promise<Experiment>,
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
  return command.action(async (flags: SlurmFlags & { memberIndex?: number; collect?: true }) => {
    if (flags.slurm !== true) throw new UsageError('Say by which scheduler: --slurm.');
    if (flags.memberIndex !== undefined || flags.collect === true) {
      throw new UsageError('--member-index and --collect are for the tasks themselves: leave them out.');
    }
    await submit(command.name() as SubmissionPlan['kind'], flags, (args) => experimentOf(flags, args));
  });
}

async function submit(
  kind: SubmissionPlan['kind'],
  flags: SlurmFlags,
  experimentOf: (args: string[]) => Promise<Experiment>,
): Promise<void> {
  const { submitToSlurm, writeScripts } = await import('../experiments/submission/slurm.js');
  const cpus = flags.cpus === undefined || flags.cpus === 0 ? usableCores() : flags.cpus;
  const given = ownArguments(process.argv.slice(process.argv.indexOf(kind) + 1));
  const experiment = await experimentOf([...given, ...fixed(given, cpus)]);
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

/** Machines differ: each task computes with as many threads, in one number format. */
function fixed(given: readonly string[], cpus: number): string[] {
  const has = (flag: string): boolean => given.some((one) => one === flag || one.startsWith(`${flag}=`));
  const backend = has('--backend');
  if (!has('--precision'))
    printProgress('Computed in f32, which all machines have; where all have bf16, give --precision bf16.');
  return [
    ...(has('--threads') || backend ? [] : ['--threads', String(cpus)]),
    ...(has('--precision') ? [] : ['--precision', 'f32']),
  ];
}

/** Members or seeds: one array of tasks. */
async function membersOf(plan: EnsemblePlan, args: string[], stage: string): Promise<Experiment> {
  const { memberPlans } = await import('../ensembles/trainEnsemble.js');
  const { name, predictionsDir, base } = plan;
  const tasks = memberPlans(plan).map(({ runName, predictionName }) => ({
    run: runName,
    prediction: predictionName,
  }));
  return {
    ...{ name, modelsDir: base.modelsDir, predictionsDir },
    stages: [{ name: stage, args: [...args, '--member-index', 'auto'], tasks, after: [] }],
    collect: [...args, '--collect'],
  };
}

/** The article's rows: what one has from another comes after it. */
async function rowsOf(flags: ReproduceFlags, args: string[]): Promise<Experiment> {
  const { trainedRow, runName } = await import('../experiments/reproducePlan.js');
  const { SHARED_PREFIX } = await import('../config/article.js');
  const plan = await reproducePlan(flags);
  const { name, predictionsDir, settings, members, rows } = plan;
  const without = args.filter((arg, i) => !/^--rows(=|$)/.test(arg) && args[i - 1] !== '--rows');
  const before = (id: string): string[] => {
    if (id === SHARED_PREFIX.row) return [SHARED_PREFIX.parent];
    return id === 'deep-step-tta' ? ['deep-step'] : [];
  };
  const stages = rows.map((id): Stage => {
    const isEnsemble = id === 'ensemble';
    return {
      name: id,
      args: ['reproduce', ...without, '--rows', id, ...(isEnsemble ? ['--member-index', 'auto'] : [])],
      tasks: isEnsemble
        ? Array.from({ length: members }, (_, index) => ({ run: `${name}-member-${index}` }))
        : [{ run: runName(plan, trainedRow(id)) }],
      after: before(id).filter((one) => rows.some((row) => row === one)),
    };
  });
  return {
    ...{ name, predictionsDir, stages },
    modelsDir: settings.modelsDir ?? 'models',
    collect: ['reproduce', ...without, '--collect'],
  };
}
