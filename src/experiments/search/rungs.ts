import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { readJson } from '../../io/json.js';
import { readHistory } from '../../runs/history.js';
import { OwnedError, isOwned } from '../../runs/owner.js';
import { runFolder } from '../../runs/runFolder.js';
import { readRunRecord } from '../../runs/runRecord.js';
import { CifarError } from '../../util/errors.js';
import { writeFileOnce } from '../../util/files.js';
import type { Search } from './searchFile.js';
import { type Trial, trialsOf } from './trials.js';

/** How far a configuration came. */
export interface TrialResult extends Trial {
  /** Epochs after which it was last compared, or was to be. */
  epochs: number;
  /** On held-out images then, 0…1; null of one that has not come so far. */
  accuracy: number | null;
  /** missing: not trained so far, for whatever reason. */
  status: 'trained' | 'diverged' | 'missing';
  petaflop: number;
}

const RUNS = v.object({ runs: v.array(v.string()) });

/** Where is kept which runs are in a rung: made once, after the rung before has ended, and the same for all processes from then on. */
export const rungPath = (modelsDir: string, name: string, rung: number): string =>
  join(modelsDir, `${name}-rungs`, `${rung + 1}.json`);

/** How many of a rung's configurations go on to the next. */
export const promoted = (count: number, { eta }: Pick<Search, 'eta'>): number => Math.ceil(count / eta);

/**
 * Names of the runs that a rung's file holds.
 * @throws CifarError when it is damaged
 */
export function readRung(path: string): readonly string[] {
  return readJson(
    path,
    RUNS,
    (reason, cause) => new CifarError(`${path} is not a rung of a search: ${reason}.`, { cause }),
  ).runs;
}

/** How far a configuration has come by an epoch. */
export function resultAt(epochs: number, trial: Trial, modelsDir: string): TrialResult {
  const folder = runFolder(join(modelsDir, trial.run));
  if (!existsSync(folder.record)) {
    return { ...trial, epochs, accuracy: null, status: 'missing', petaflop: 0 };
  }
  const { petaflop, status } = readRunRecord(folder);
  const accuracy = readHistory(folder)[epochs - 1]?.validationAccuracy ?? null;
  if (accuracy !== null) return { ...trial, epochs, accuracy, status: 'trained', petaflop };
  return { ...trial, epochs, accuracy, status: status === 'diverged' ? 'diverged' : 'missing', petaflop };
}

/** How a rung counts: the better first, then those that diverged, then those that are missing; of equals the earlier. */
function byResult(a: TrialResult, b: TrialResult): number {
  const worth = ({ accuracy, status }: TrialResult): number => accuracy ?? (status === 'diverged' ? -1 : -2);
  return worth(b) - worth(a) || a.number - b.number;
}

/**
 * The configurations of a rung, the best of the one before first. What is behind the last rung is the winner alone.
 * @param rung from 0
 * @throws OwnedError while one of the rung before is being trained; CifarError when none of it has been
 */
export function inRung(search: Search, rung: number, modelsDir: string): Trial[] {
  if (rung === 0) return trialsOf(search);
  const path = rungPath(modelsDir, search.name, rung);
  if (!existsSync(path)) {
    const before = inRung(search, rung - 1, modelsDir);
    const atWork = before.find(({ run }) => isOwned(join(modelsDir, run)));
    if (atWork !== undefined)
      throw new OwnedError(`${atWork.run} is still being trained, in the rung before`);
    const results = before.map((trial) => resultAt(search.rungs[rung - 1], trial, modelsDir));
    if (results.every(({ status }) => status === 'missing')) {
      throw new CifarError(
        `None of the ${before.length} configurations of rung ${rung} has been trained as far as epoch ${search.rungs[rung - 1]} yet: rung ${rung + 1} cannot begin.`,
      );
    }
    const kept = rung === search.rungs.length ? 1 : promoted(before.length, search);
    const runs = results.sort(byResult).slice(0, kept);
    writeFileOnce(path, `${JSON.stringify({ runs: runs.map(({ run }) => run) }, null, 2)}\n`);
  }
  const byName = new Map(trialsOf(search).map((trial) => [trial.run, trial]));
  return readRung(path).map((run) => {
    const trial = byName.get(run);
    if (trial === undefined) throw new CifarError(`${path} names ${run}, which is none of this search.`);
    return trial;
  });
}

/** The winner, where it has been decided; else what leads so far. */
export function bestSoFar(search: Search, modelsDir: string): Trial {
  const { length } = search.rungs;
  if (existsSync(rungPath(modelsDir, search.name, length))) return inRung(search, length, modelsDir)[0];
  const [best] = resultsOf(search, modelsDir);
  if (best.status === 'missing') throw new CifarError('None of the configurations has been trained yet.');
  return best;
}

/** All configurations, the best first: those that came further before the others. Nothing is decided by looking. */
export function resultsOf(search: Search, modelsDir: string): TrialResult[] {
  const results = new Map<number, TrialResult>();
  for (const [rung, epochs] of search.rungs.entries()) {
    if (rung > 0 && !existsSync(rungPath(modelsDir, search.name, rung))) break;
    for (const trial of inRung(search, rung, modelsDir)) {
      const result = resultAt(epochs, trial, modelsDir);
      // One that was lost on the way keeps what it had.
      if (rung === 0 || result.status !== 'missing') results.set(trial.number, result);
    }
  }
  return [...results.values()].sort((a, b) => b.epochs - a.epochs || byResult(a, b));
}
