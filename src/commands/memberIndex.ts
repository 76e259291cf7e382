import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../util/errors.js';

/** What schedulers tell a task of an array: where, and what the first one's number is. */
const SCHEDULERS = [
  { variable: 'SLURM_ARRAY_TASK_ID', first: 0 },
  { variable: 'JOB_COMPLETION_INDEX', first: 0 },
  { variable: 'PBS_ARRAY_INDEX', first: 0 },
  { variable: 'PBS_ARRAYID', first: 0 },
  { variable: 'SGE_TASK_ID', first: 1 },
] as const;

export interface MemberFlags {
  /** 0-based. */
  memberIndex?: number;
  collect?: true;
}

/** Options of what many processes may share. */
export function memberOptions(what: string): Option[] {
  return [
    new Option(
      '--member-index <n>',
      `train only the n-th ${what}, from 0, beside other processes that train the others; auto: the number that a scheduler gives this task (Slurm, Kubernetes, PBS, SGE)`,
    ).argParser(memberIndex),
    new Option('--collect', `train nothing: sum up whatever ${what}s have been trained`).conflicts(
      'memberIndex',
    ),
  ];
}

function memberIndex(text: string): number {
  if (text === 'auto') return scheduledIndex(process.env);
  if (!/^\d+$/.test(text))
    throw new InvalidArgumentError(`expected a number from 0, or auto, got "${text}".`);
  return Number(text);
}

/**
 * Number of the task that a scheduler's variables say this is, from 0.
 * @throws UsageError when none says it
 */
export function scheduledIndex(environment: Readonly<Record<string, string | undefined>>): number {
  for (const { variable, first } of SCHEDULERS) {
    const value = environment[variable];
    // SGE says `undefined` outside of arrays.
    if (value !== undefined && /^\d+$/.test(value)) return Number(value) - first;
  }
  throw new UsageError(
    `--member-index auto: no scheduler has told this process its number (${SCHEDULERS.map(({ variable }) => variable).join(', ')}): give the number itself.`,
  );
}
