import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { summarize } from '../../report/readRun.js';
import { isOwned } from '../../runs/owner.js';
import { runFolder } from '../../runs/runFolder.js';
import { type RunStatus, hasEnded } from '../../runs/runRecord.js';
import { readRung } from '../search/rungs.js';
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
  { run, prediction }: Stage['tasks'][number],
  index: number,
): TaskStatus {
  const reason = failure(plan, stage, index);
  const name = run ?? runInRung(stage, index);
  if (name === undefined) {
    const title = `${stage.name}, place ${index}`;
    const none = { title, epoch: 0, epochs: stage.rung?.epochs ?? null, secondsLeft: null };
    return reason === undefined ? { ...none, status: 'waiting' } : { ...none, status: 'failed', reason };
  }
  const status = runStatus(plan, name, prediction, reason);
  return stage.rung === undefined ? status : inRung(status, stage.rung.epochs);
}

/** Which run a task has, if that is known yet. */
function runInRung({ rung }: Stage, index: number): string | undefined {
  if (rung?.file === undefined || !existsSync(rung.file)) return undefined;
  return readRung(rung.file).at(index);
}

const DIVERGED: RunStatus = 'diverged';

/** A run that is to come to a rung's epochs only. */
function inRung(status: TaskStatus, epochs: number): TaskStatus {
  const { epoch, epochs: full, secondsLeft } = status;
  const shown = { ...status, epochs, epoch: Math.min(epoch, epochs) };
  // One that diverged ranks last, and that is all there is to do about it.
  if (epoch >= epochs || status.reason === DIVERGED) return { ...shown, status: 'done', secondsLeft: 0 };
  if (full === null || secondsLeft === null) return shown;
  return { ...shown, secondsLeft: (secondsLeft * (epochs - epoch)) / (full - epoch) };
}

/** The state of a run that is to be trained to its end, and predicted where that is asked for. */
function runStatus(
  plan: SubmissionPlan,
  name: string,
  prediction: string | undefined,
  reason: string | undefined,
): TaskStatus {
  const folder = runFolder(join(plan.modelsDir, name));
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
  const isTrained = hasEnded(run);
  const isPredicted = prediction === undefined || existsSync(join(plan.predictionsDir, `${prediction}.json`));
  if (isTrained && isPredicted) return { ...figures, status: 'done', secondsLeft: 0 };
  if (isOwned(folder.path))
    return { ...figures, status: 'running', secondsLeft: isTrained ? 0 : secondsLeft };
  if (run.status === DIVERGED || run.status === 'failed') {
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
