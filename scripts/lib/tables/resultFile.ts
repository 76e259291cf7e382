import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tables need of a file in results/. */
export interface ResultFile<T> {
  command: string;
  machine: { cpu: string; cores: number };
  figures: T;
}

/** @returns what the file of this name in the folder holds, undefined where there is none */
export function readResult<T>(folder: string, name: string): ResultFile<T> | undefined {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ResultFile<T>) : undefined;
}

/** What such a file holds by groups and, in them, by networks: all of it in order; undefined where there is none. */
export function casesOf<T>(folder: string, name: string): T[] | undefined {
  const groups = readResult<Record<string, Record<string, T>>>(folder, name)?.figures;
  return groups === undefined ? undefined : Object.values(groups).flatMap((nets) => Object.values(nets));
}
