import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { summarize } from '../../report/readRun.js';
import { isOwned } from '../../runs/owner.js';
import { runFolder } from '../../runs/runFolder.js';
import { type Stage, type SubmissionPlan, planFolder } from './plan.js';

/** How far a task has come, from its run's files and its log. */
export interface TaskStatus {
  title: string;
  /** waiting: nobody has begun it; done: trained and, where it is to be, predicted. */
  status: 'waiting' | 'running' | 'stopped' | 'failed' | 'done';
  epoch: number;
  epochs: number | null;
  accuracy?: number;
  /** Training time, seconds; null where it is not known yet. */
  secondsLeft: number | null;
  /** Of one that failed: why, in its own words. */
  reason?: string;
}

/** The state of all tasks of a plan; nothing is asked of a scheduler, nothing is trained. */
export function planStatus(plan: SubmissionPlan): TaskStatus[] {
  return plan.stages.flatMap((stage) =>
    stage.tasks.map((task, index) => taskStatus(plan, stage, task, index)),
  );
}

function taskStatus(
  plan: SubmissionPlan,
  stage: Stage,
  { run: name, prediction }: Stage['tasks'][number],
  index: number,
): TaskStatus {
  const folder = runFolder(join(plan.modelsDir, name));
  const reason = failure(plan, stage, index);
  if (!existsSync(folder.record)) {
    const isBegun = isOwned(folder.path);
    return {
      ...{ title: name, epoch: 0, epochs: null, secondsLeft: null },
      ...(isBegun || reason === undefined
        ? { status: isBegun ? 'running' : 'waiting' }
        : { status: 'failed', reason }),
    };
  }
  const run = summarize(folder);
  if ('problem' in run) {
    return { title: name, status: 'failed', epoch: 0, epochs: null, secondsLeft: null, reason: run.problem };
  }
  const { epochs, epochsTrained: epoch, accuracy, secondsLeft = null } = run;
  const figures = { title: name, epoch, epochs, ...(accuracy !== undefined && { accuracy }) };
  const isTrained =
    run.status === 'finished' || run.status === 'stopped-early' || run.status === 'out-of-time';
  const isPredicted = prediction === undefined || existsSync(join(plan.predictionsDir, `${prediction}.json`));
  if (isTrained && isPredicted) return { ...figures, status: 'done', secondsLeft: 0 };
  if (isOwned(folder.path))
    return { ...figures, status: 'running', secondsLeft: isTrained ? 0 : secondsLeft };
  if (run.status === 'diverged' || run.status === 'failed') {
    return { ...figures, status: 'failed', secondsLeft: null, reason: reason ?? run.status };
  }
  return {
    ...figures,
    ...(reason === undefined ? { status: 'stopped' } : { status: 'failed', reason }),
    secondsLeft: null,
  };
}

/** What a task's log ends with, where that is an error. */
function failure(plan: SubmissionPlan, stage: Stage, index: number): string | undefined {
  const names = [`${stage.name}-${index}.log`, `${stage.name}.log`];
  const path = names.map((name) => join(planFolder(plan), name)).find((one) => existsSync(one));
  if (path === undefined) return undefined;
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-5);
  return lines.findLast((line) => line.startsWith('Error: '))?.replace('Error: ', '');
}
