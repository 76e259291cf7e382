import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readJson } from '../../io/json.js';
import { CifarError, UsageError } from '../../util/errors.js';
import { ensureFolder, writeFileAtomic } from '../../util/files.js';
import { didYouMean } from '../../util/suggest.js';

/** What a scheduler runs as one job, or as an array of them. */
export interface Stage {
  /** Of the files that belong to it. */
  name: string;
  /** Arguments of `cifar`; each task finds its own number. */
  args: string[];
  /** What each task trains: the name of its run where it is known, and of its prediction array where it makes one. */
  tasks: { run?: string; prediction?: string }[];
  /** Of a search: trained to so many epochs only, and, behind the first rung, which runs they are is in a file once it is known. */
  rung?: { epochs: number; file?: string };
  /** Stages that must have ended, however they did. */
  after: string[];
}

/** Trainings that are handed to a scheduler, and what sums them up. */
export interface SubmissionPlan {
  name: string;
  kind: 'ensemble' | 'benchmark' | 'reproduce' | 'search';
  /** Folder that its relative paths are meant from. */
  folder: string;
  modelsDir: string;
  predictionsDir: string;
  stages: Stage[];
  /** Arguments of `cifar` that sum up whatever has been trained. */
  collect: string[];
  /** Numbers that the scheduler gave, by stage, and `collect`. */
  jobs: Record<string, string>;
}

const PLAN = v.object({
  name: v.string(),
  kind: v.picklist(['ensemble', 'benchmark', 'reproduce', 'search']),
  folder: v.string(),
  modelsDir: v.string(),
  predictionsDir: v.string(),
  stages: v.array(
    v.object({
      name: v.string(),
      args: v.array(v.string()),
      tasks: v.array(v.object({ run: v.exactOptional(v.string()), prediction: v.exactOptional(v.string()) })),
      rung: v.exactOptional(v.object({ epochs: v.number(), file: v.exactOptional(v.string()) })),
      after: v.array(v.string()),
    }),
  ),
  collect: v.array(v.string()),
  jobs: v.record(v.string(), v.string()),
}) satisfies v.GenericSchema<SubmissionPlan>;

/** Where plans lie: a folder each. */
const plansIn = (modelsDir: string): string => join(modelsDir, 'plans');

export const planFolder = ({ modelsDir, name }: Pick<SubmissionPlan, 'modelsDir' | 'name'>): string =>
  join(plansIn(modelsDir), name);

export function writePlan(plan: SubmissionPlan): void {
  const folder = planFolder(plan);
  ensureFolder(folder);
  writeFileAtomic(join(folder, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
}

/**
 * The plan of a name, or the only one there is.
 * @throws UsageError naming those there are; CifarError when it is damaged
 */
export function readPlan(modelsDir: string, name: string | undefined): SubmissionPlan {
  const names = existsSync(plansIn(modelsDir)) ? readdirSync(plansIn(modelsDir)).sort() : [];
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined || !names.includes(wanted)) {
    const there =
      names.length === 0 ? `There are none in ${plansIn(modelsDir)}/.` : `There are: ${names.join(', ')}.`;
    throw new UsageError(
      wanted === undefined
        ? `Which plan? ${there}`
        : `No plan "${wanted}".${didYouMean(wanted, names)} ${there}`,
    );
  }
  const path = join(plansIn(modelsDir), wanted, 'plan.json');
  return readJson(
    path,
    PLAN,
    (reason, cause) => new CifarError(`${path} is not a plan of cifar submit: ${reason}.`, { cause }),
  );
}

/** Tasks of all stages. */
export const tasksOf = ({ stages }: SubmissionPlan): number =>
  stages.reduce((sum, { tasks }) => sum + tasks.length, 0);
