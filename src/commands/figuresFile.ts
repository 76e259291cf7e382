import { programCommit } from '../util/commit.js';
import { checkPlace, writeFileAtomic } from '../util/files.js';
import { type OverwriteFlag, checkOverwriting, jsonOf } from './overwrite.js';
import { printProgress } from './output.js';

/** Figures with all that tells where they come from. */
export interface MeasuredFigures<T> {
  commit: string | null;
  machine: unknown;
  command: string;
  date: string;
  figures: T;
}

/** Figures of this very command, now. */
export const measured = <T extends { hardware: unknown }>(figures: T): MeasuredFigures<T> => ({
  commit: programCommit() ?? null,
  machine: figures.hardware,
  command: ['npx', 'cifar', ...process.argv.slice(2)].join(' '),
  date: `${new Date().toISOString().slice(0, 19)}Z`,
  figures,
});

export function keepFigures(path: string, record: MeasuredFigures<unknown>): void {
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
  printProgress(`Figures ${path}`);
}

/**
 * Before hours of training: whether figures of that name may go into a file.
 * @param flag that names the file
 * @throws UsageError when they may not
 */
export function checkFiguresPlace(path: string, name: string, flags: OverwriteFlag, flag: string): void {
  checkPlace(flag, path);
  checkOverwriting(path, flags, () => isFiguresOf(path, name), flag);
}

/** Whether a file holds figures of that name; the first files have the recipe's alone. */
function isFiguresOf(path: string, name: string): boolean {
  const value = jsonOf(path) as { figures?: { name?: unknown; recipe?: unknown } } | undefined | null;
  return (value?.figures?.name ?? value?.figures?.recipe) === name;
}
