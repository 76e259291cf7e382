import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../util/errors.js';
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
 * The folder of a new run: under the name given, which must be free, or under the default name, numbered when taken.
 */
export function newRunFolder(
  modelsDir: string,
  name: string | undefined,
  defaultName: () => string,
): RunFolder {
  const isTaken = (path: string): boolean =>
    existsSync(path) && (!statSync(path).isDirectory() || readdirSync(path).length > 0);
  if (name !== undefined) {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
      throw new UsageError(`--name: expected letters, digits, ".", "_" and "-", got "${name}".`);
    }
    const path = join(modelsDir, name);
    if (isTaken(path)) {
      throw new UsageError(
        `There is already a run ${path}: choose another --name, or go on with it by --resume ${name}.`,
      );
    }
    return runFolder(path);
  }
  const base = defaultName();
  for (let number = 1; ; number++) {
    const path = join(modelsDir, number === 1 ? base : `${base}-${number}`);
    if (!isTaken(path)) return runFolder(path);
  }
}
