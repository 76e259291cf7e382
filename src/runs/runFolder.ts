import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, codeOf } from '../util/errors.js';
import { ensureFolder, writeError } from '../util/files.js';
import { didYouMean } from '../util/suggest.js';
import { OwnedError, Owner, TakenError, isOwned } from './owner.js';

/** The files of one training run. */
export interface RunFolder {
  readonly name: string;
  readonly path: string;
  readonly config: string;
  /** The augmentation's settings, of a run that has its own. */
  readonly augment: string;
  readonly record: string;
  readonly historyJsonl: string;
  readonly historyCsv: string;
  readonly checkpoint: string;
  readonly curves: string;
  /** Folder of the states that --keep-checkpoints names. */
  readonly kept: string;
  /** Folders of models in tfjs LayersModel format. */
  readonly last: string;
  readonly best: string;
}

export function runFolder(path: string): RunFolder {
  return {
    name: basename(resolve(path)),
    path,
    config: join(path, 'config.yaml'),
    augment: join(path, 'augment.json'),
    record: join(path, 'run.json'),
    historyJsonl: join(path, 'history.jsonl'),
    historyCsv: join(path, 'history.csv'),
    checkpoint: join(path, 'checkpoint.safetensors'),
    curves: join(path, 'curves'),
    kept: join(path, 'checkpoints'),
    last: join(path, 'last'),
    best: join(path, 'best'),
  };
}

/** A state that a run has kept: what a run at that point holds, without its record. */
export function keptState({ kept }: RunFolder, epoch: number): RunFolder {
  return runFolder(join(kept, `epoch-${epoch}`));
}

/** The numbers of finished epochs after which a run has kept its state, rising. */
export function keptEpochs({ kept }: RunFolder): number[] {
  if (!existsSync(kept)) return [];
  return readdirSync(kept)
    .flatMap((name) => /^epoch-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The names of the runs in a folder, sorted. */
export function listRuns(modelsDir: string): string[] {
  if (!existsSync(modelsDir)) return [];
  return readdirSync(modelsDir)
    .filter((name) => !name.endsWith('.part') && existsSync(runFolder(join(modelsDir, name)).record))
    .sort();
}

/** The run that a path or a name in the models folder leads to, if it leads to one. */
export function runNamed(run: string, modelsDir: string): RunFolder | undefined {
  return [run, join(modelsDir, run)].map(runFolder).find(({ record }) => existsSync(record));
}

/**
 * Finds a run by its folder's path or by its name in the models folder.
 * @throws UsageError naming what was looked for
 */
export function findRun(run: string, modelsDir: string): RunFolder {
  const found = runNamed(run, modelsDir);
  if (found !== undefined) return found;
  const runs = listRuns(modelsDir);
  const hint = didYouMean(run, runs) || (runs.length > 0 ? ` Runs there: ${runs.join(', ')}.` : '');
  throw new UsageError(
    `No run "${run}": neither a run's folder nor a name in ${modelsDir}/ (no run.json found).${hint}`,
  );
}

/**
 * Whether a run has the model that is asked for.
 * @throws UsageError saying what it has, and what to do
 */
export function checkModel(folder: RunFolder, weights: 'last' | 'best'): void {
  if (existsSync(join(folder[weights], 'model.json'))) return;
  const other = weights === 'last' ? 'best' : 'last';
  throw new UsageError(
    existsSync(join(folder[other], 'model.json'))
      ? `${folder.path} has no model of its ${weights} epoch: give --weights ${other}.`
      : `${folder.path} has no model yet, since none of its epochs has been measured: go on with it by cifar train --resume ${folder.path}.`,
  );
}

/** @throws UsageError for what is no plain file name */
export function checkRunName(name: string): void {
  if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name) || name.endsWith('.part')) {
    throw new UsageError(`--name: expected letters, digits, ".", "_" and "-", got "${name}".`);
  }
}

/** A new run's folder, and the right to train there. */
export interface ClaimedFolder {
  folder: RunFolder;
  owner: Owner;
}

/**
 * Makes the folder of a new run, which claims its name: of several that begin at once each gets one of its own. Under the
 * name given, which must be free, or under the default name, numbered when taken.
 * @throws UsageError when the name given is taken or no name; CifarError when no folder can be made there
 */
export function newRunFolder(
  modelsDir: string,
  name: string | undefined,
  defaultName: () => string,
): ClaimedFolder {
  if (name !== undefined) {
    checkRunName(name);
    const path = join(modelsDir, name);
    const claimed = claim(path);
    if (typeof claimed === 'object') return claimed;
    const Refusal = claimed === 'owned' || isOwned(path) ? OwnedError : TakenError;
    throw new Refusal(
      `There is already a run ${path}: choose another --name, or go on with it by --resume ${name}.`,
    );
  }
  const base = defaultName();
  for (let number = 1; ; number++) {
    const claimed = claim(join(modelsDir, number === 1 ? base : `${base}-${number}`));
    if (typeof claimed === 'object') return claimed;
  }
}

/** Gives a claimed name back, unless something has been written there. */
export function abandonRunFolder({ path }: RunFolder): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or gone.
  }
}

/**
 * The folder, when it is new or holds nothing but what somebody who is gone has left of a start that came to nothing; else whether somebody
 * else was about to begin there, who may be gone by the time that this returns.
 */
function claim(path: string): ClaimedFolder | 'owned' | 'taken' {
  ensureFolder(dirname(path));
  for (;;) {
    try {
      mkdirSync(path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw writeError(path, error);
    }
    try {
      if (!isUnused(path)) return 'taken';
      const owner = Owner.acquire(path);
      // Another may have begun and ended between the look and the claim.
      if (isUnused(path)) return { folder: runFolder(path), owner };
      owner.release();
      return 'taken';
    } catch (error) {
      if (error instanceof OwnedError) return 'owned';
      // Whoever had made it has given it back meanwhile.
      if (existsSync(path)) throw error;
    }
  }
}

/** What a start writes before its record: a run that has none has trained nothing. */
const BEFORE_RECORD = ['owner.json', 'config.yaml', 'augment.json'];

function isUnused(path: string): boolean {
  return (
    statSync(path).isDirectory() &&
    readdirSync(path).every((name) => BEFORE_RECORD.includes(name) || name.endsWith('.part'))
  );
}
