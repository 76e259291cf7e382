import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, codeOf } from '../util/errors.js';
import { ensureFolder, writeError } from '../util/files.js';
import { didYouMean } from '../util/suggest.js';

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
    last: join(path, 'last'),
    best: join(path, 'best'),
  };
}

/** The names of the runs in a folder, sorted. */
export function listRuns(modelsDir: string): string[] {
  if (!existsSync(modelsDir)) return [];
  return readdirSync(modelsDir)
    .filter((name) => existsSync(runFolder(join(modelsDir, name)).record))
    .sort();
}

/**
 * Finds a run by its folder's path or by its name in the models folder.
 * @throws UsageError naming what was looked for
 */
export function findRun(run: string, modelsDir: string): RunFolder {
  for (const path of [run, join(modelsDir, run)]) {
    const folder = runFolder(path);
    if (existsSync(folder.record)) return folder;
  }
  const runs = listRuns(modelsDir);
  const hint = didYouMean(run, runs) || (runs.length > 0 ? ` Runs there: ${runs.join(', ')}.` : '');
  throw new UsageError(
    `No run "${run}": neither a run's folder nor a name in ${modelsDir}/ (no run.json found).${hint}`,
  );
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
): RunFolder {
  if (name !== undefined) {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
      throw new UsageError(`--name: expected letters, digits, ".", "_" and "-", got "${name}".`);
    }
    const path = join(modelsDir, name);
    if (claim(path)) return runFolder(path);
    const advice = existsSync(runFolder(path).record)
      ? `or go on with it by --resume ${name}`
      : 'or remove it if nobody is about to train there';
    throw new UsageError(`There is already a run ${path}: choose another --name, ${advice}.`);
  }
  const base = defaultName();
  for (let number = 1; ; number++) {
    const path = join(modelsDir, number === 1 ? base : `${base}-${number}`);
    if (claim(path)) return runFolder(path);
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

/** Whether the folder has been made just now, by this caller alone. */
function claim(path: string): boolean {
  ensureFolder(dirname(path));
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw writeError(path, error);
  }
}
