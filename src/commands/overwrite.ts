import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { UsageError } from '../util/errors.js';
import { readTextFile } from '../util/readText.js';

export interface OverwriteFlag {
  overwrite?: true;
}

export const overwriteOption = (): Option =>
  new Option('--overwrite', 'write even over a file of another kind, or of another run');

/**
 * A command writes anew what it has written before, and nothing else unless it is told to.
 * @param isOwn whether the file that is there is one that this very command would have written
 * @throws UsageError when it is not
 */
export function checkOverwriting(
  path: string,
  { overwrite }: OverwriteFlag,
  isOwn: (path: string) => boolean,
  flag = '--out',
): void {
  if (overwrite === true || !existsSync(path) || isOwn(path)) return;
  throw new UsageError(
    `${path} is there already, and is not what this command writes there: give another ${flag}, or --overwrite.`,
  );
}

/** The value of a JSON file; undefined when it is none. */
export function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readTextFile(path));
  } catch {
    return undefined;
  }
}
