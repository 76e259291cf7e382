import { execFileSync } from 'node:child_process';
import { CifarError, codeOf } from '../../util/errors.js';
import { writeFileAtomic } from '../../util/files.js';
import { type SubmissionPlan, writePlan } from './plan.js';
import { type Program, type SlurmRequest, collectScript, scriptPath, stageScript } from './slurmScript.js';

/** Writes the plan and its batch scripts; returns their paths, in the order in which they are handed over. */
export function writeScripts(plan: SubmissionPlan, request: SlurmRequest, program: Program): string[] {
  writePlan(plan);
  const paths = plan.stages.map((stage) => {
    const path = scriptPath(plan, stage.name);
    writeFileAtomic(path, stageScript(plan, stage, request, program));
    return path;
  });
  const collect = scriptPath(plan, 'collect');
  writeFileAtomic(collect, collectScript(plan, request, program));
  return [...paths, collect];
}

/**
 * Hands a plan's scripts to Slurm; each number that it gives is kept in the plan at once.
 * @throws CifarError with Slurm's words when it refuses one, and the numbers of those that it has taken
 */
export function submitToSlurm(plan: SubmissionPlan): SubmissionPlan {
  let { jobs } = plan;
  const submit = (name: string, after: readonly string[]): void => {
    const waitsFor = after.map((stage) => jobs[stage]);
    const dependency = waitsFor.length > 0 ? [`--dependency=afterany:${waitsFor.join(':')}`] : [];
    jobs = { ...jobs, [name]: sbatch([...dependency, scriptPath(plan, name)], jobs) };
    writePlan({ ...plan, jobs });
  };
  for (const { name, after } of plan.stages) submit(name, after);
  submit(
    'collect',
    plan.stages.map(({ name }) => name),
  );
  return { ...plan, jobs };
}

/** The number of a job. */
function sbatch(args: readonly string[], taken: Readonly<Record<string, string>>): string {
  try {
    const answer = execFileSync('sbatch', ['--parsable', ...args], { encoding: 'utf8', stdio: 'pipe' });
    // <job>[;<cluster>]
    return answer.trim().split(';')[0];
  } catch (error) {
    const words = (error as { stderr?: string }).stderr?.trim();
    const why =
      codeOf(error) === 'ENOENT'
        ? 'there is no sbatch here: call this where Slurm is, or give --dry-run and hand the scripts over there'
        : words || String(error);
    const before = Object.entries(taken).map(([name, job]) => `${name}: job ${job}`);
    const cancel = before.length > 0 ? ` Taken before that: ${before.join(', ')}; scancel ends them.` : '';
    throw new CifarError(`Slurm has not taken ${args.at(-1)}: ${why}.${cancel}`, { cause: error });
  }
}
