import { resolve } from 'node:path';
import { flagOf } from '../config/optionSpec.js';
import type { EnsemblePlan } from '../ensembles/ensemblePlan.js';
import type { Stage, SubmissionPlan } from '../experiments/submission/plan.js';
import { type BenchmarkFlags, benchmarkPlan } from './benchmark.js';
import { type EnsembleFlags, planOf } from './ensembleTrain.js';
import { printProgress } from './output.js';
import { type ReproduceFlags, reproducePlan } from './reproduce.js';
import { type SearchFlags, checkedSearch, placeOf } from './search.js';

/** What an experiment that is handed over is made of. */
export type Experiment = Pick<SubmissionPlan, 'name' | 'modelsDir' | 'predictionsDir' | 'stages' | 'collect'>;

/** What was given to the command itself, and the cores of a task. */
export interface Given {
  /** As written, Slurm's options left out. */
  args: string[];
  /** Those that belong to no option. */
  operands: readonly string[];
  cpus: number;
}

export const ensembleStages = (flags: EnsembleFlags, given: Given): Promise<Experiment> =>
  membersOf(planOf(flags), ['ensemble', 'train', ...settled(given)], 'members');

export async function benchmarkStages(flags: BenchmarkFlags, given: Given): Promise<Experiment> {
  const plan = await benchmarkPlan(flags);
  // Of seeds that are judged on held-out images nothing is predicted.
  return membersOf(plan, ['benchmark', ...settled(given)], 'seeds', plan.base.validationSplit === 0);
}

/**
 * The arguments of all tasks. Machines differ: each computes with as many threads, in one number format.
 * @param inFile options that a file gives
 */
function settled({ args, cpus }: Given, inFile: readonly string[] = []): string[] {
  const given = [...args, ...inFile];
  const has = (flag: string): boolean => given.some((one) => one === flag || one.startsWith(`${flag}=`));
  const backend = has('--backend');
  if (!has('--precision'))
    printProgress('Computed in f32, which all machines have; where all have bf16, give --precision bf16.');
  return [
    ...args,
    ...(has('--threads') || backend ? [] : ['--threads', String(cpus)]),
    ...(has('--precision') ? [] : ['--precision', 'f32']),
  ];
}

/** Members or seeds: one array of tasks. */
async function membersOf(
  plan: EnsemblePlan,
  args: string[],
  stage: string,
  isPredicted = true,
): Promise<Experiment> {
  const { memberPlans } = await import('../ensembles/ensemblePlan.js');
  const { name, predictionsDir, base } = plan;
  const tasks = memberPlans(plan).map(({ runName, predictionName }) => ({
    run: runName,
    ...(isPredicted && { prediction: predictionName }),
  }));
  return {
    ...{ name, modelsDir: base.modelsDir, predictionsDir },
    stages: [{ name: stage, args: [...args, '--member-index', 'auto'], tasks, after: [] }],
    collect: [...args, '--collect'],
  };
}

/** The article's rows: what one has from another comes after it. */
export async function reproduceStages(flags: ReproduceFlags, given: Given): Promise<Experiment> {
  const args = settled(given);
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

/** A search: an array a rung, each after the one before; then the winner under fresh seeds. */
export async function searchStages(flags: SearchFlags, given: Given): Promise<Experiment> {
  const { promoted, rungPath } = await import('../experiments/search/rungs.js');
  const { trialsOf } = await import('../experiments/search/trials.js');
  const { finalRuns } = await import('../experiments/search/winner.js');
  const { place } = placeOf(flags);
  const { modelsDir } = place;
  const search = await checkedSearch(given.operands[0], place);
  const args = ['search', ...settled(given, Object.keys(search.base).map(flagOf))];
  const tasksOf = (rung: number, count: number): Stage['tasks'] =>
    rung === 0 ? trialsOf(search).map(({ run }) => ({ run })) : Array.from({ length: count }, () => ({}));
  const stages: Stage[] = [];
  let count = trialsOf(search).length;
  for (const [rung, epochs] of search.rungs.entries()) {
    stages.push({
      name: `rung-${rung + 1}`,
      args: [...args, '--rung', String(rung + 1), '--member-index', 'auto'],
      tasks: tasksOf(rung, count),
      rung: { epochs, ...(rung > 0 && { file: resolve(rungPath(modelsDir, search.name, rung)) }) },
      after: stages.slice(-1).map(({ name }) => name),
    });
    count = promoted(count, search);
  }
  const { predictionsDir, runs } = finalRuns(search, modelsDir);
  if (runs.length > 0) {
    stages.push({
      name: 'final',
      args: [...args, '--rung', 'final', '--member-index', 'auto'],
      tasks: runs,
      after: stages.slice(-1).map(({ name }) => name),
    });
  }
  return { name: search.name, modelsDir, predictionsDir, stages, collect: [...args, '--collect'] };
}
