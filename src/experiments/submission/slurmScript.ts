import { join, resolve } from 'node:path';
import { type Stage, type SubmissionPlan, planFolder } from './plan.js';

/** What is asked of Slurm for each task. */
export interface SlurmRequest {
  /** Cores of a task. */
  cpus: number;
  partition?: string;
  /** As Slurm writes it: minutes, or D-HH:MM:SS. */
  time?: string;
  /** Most tasks of an array that run at once; 0: as many as may. */
  arrayLimit: number;
  /** How often a task that meets its time limit goes on. */
  maxRequeues: number;
  /** Seconds before the limit at which it is told to save. */
  saveBefore: number;
  /** Further options, as they are given to sbatch. */
  more: readonly string[];
}

/** How this program is called: Node.js and its file. */
export type Program = readonly [node: string, file: string];

/** Exit code of a training that SIGUSR2 has stopped, when it is saved. */
const TIME_IS_UP = 140;

/** The word as a shell reads it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export const scriptPath = (plan: SubmissionPlan, name: string): string =>
  resolve(planFolder(plan), `${name}.sbatch`);

function header(plan: SubmissionPlan, name: string, lines: readonly (string | undefined)[]): string {
  const options = lines.flatMap((line) => (line === undefined ? [] : [`#SBATCH ${line}`]));
  return [
    '#!/usr/bin/env bash',
    `# Written by cifar submit: ${name} of the plan ${plan.name}. What becomes of it: cifar status ${plan.name}`,
    ...options,
  ].join('\n');
}

/** The batch script of a stage: a task each of its trainings. */
export function stageScript(
  plan: SubmissionPlan,
  stage: Stage,
  request: SlurmRequest,
  program: Program,
): string {
  const { cpus, partition, time, arrayLimit, maxRequeues, saveBefore, more } = request;
  const isArray = stage.tasks.length > 1 || stage.args.includes('--member-index');
  const limit = arrayLimit > 0 ? `%${arrayLimit}` : '';
  const log = join(resolve(planFolder(plan)), isArray ? `${stage.name}-%a.log` : `${stage.name}.log`);
  const options = header(plan, stage.name, [
    `--job-name=${quoted(`${plan.name}-${stage.name}`)}`,
    isArray ? `--array=0-${stage.tasks.length - 1}${limit}` : undefined,
    '--ntasks=1',
    `--cpus-per-task=${cpus}`,
    partition && `--partition=${quoted(partition)}`,
    time && `--time=${quoted(time)}`,
    '# A node that fails, or is needed for something else: the task begins again, and its training goes on.',
    '--requeue',
    '--open-mode=append',
    '# Before the time limit, and to the training itself: it saves, and ends with 140.',
    `--signal=USR2@${saveBefore}`,
    `--chdir=${quoted(plan.folder)}`,
    `--output=${quoted(log)}`,
    ...more,
  ]).replaceAll('#SBATCH # ', '# ');
  const own = isArray ? '${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}' : '$SLURM_JOB_ID';
  const again = isArray ? ' --array="$SLURM_ARRAY_TASK_ID"' : '';
  return `${options}

# Slurm no longer hands the cores of a job on to its steps by itself.
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" ${[...program, ...stage.args].map(quoted).join(' ')}
code=$?
[ "$code" = ${TIME_IS_UP} ] || exit "$code"

# The time was up. This task alone is queued again, so often and no more.
starts=$((\${SLURM_RESTART_COUNT:-0} + \${CIFAR_FOLLOWED:-0}))
if [ "$starts" -ge ${maxRequeues} ]; then
  echo "The time limit was met ${maxRequeues + 1} times: no more of it. Give tasks more --time, or raise --max-requeues." >&2
  exit "$code"
fi
if scontrol requeue "${own}"; then
  # Until Slurm ends this, which it begins again.
  sleep 600
fi
# Not allowed here: a job of its own goes on.
follower=$(CIFAR_FOLLOWED=$((starts + 1)) sbatch --parsable${again} --dependency=afterany:"${own}" ${quoted(scriptPath(plan, stage.name))})
# What sums up waits for this one only: it sums up once more.
[ -z "$follower" ] || sbatch --dependency=afterany:"\${follower%%;*}" ${quoted(scriptPath(plan, 'collect'))}
exit "$code"
`;
}

/** The batch script of what sums up. */
export function collectScript(
  plan: SubmissionPlan,
  { partition, more }: SlurmRequest,
  program: Program,
): string {
  const options = header(plan, 'collect', [
    `--job-name=${quoted(`${plan.name}-collect`)}`,
    '--ntasks=1',
    partition && `--partition=${quoted(partition)}`,
    '--open-mode=append',
    `--chdir=${quoted(plan.folder)}`,
    `--output=${quoted(join(resolve(planFolder(plan)), 'collect.log'))}`,
    ...more,
  ]);
  return `${options}

srun ${[...program, ...plan.collect].map(quoted).join(' ')}
`;
}
