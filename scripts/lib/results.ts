import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join, relative } from 'node:path';
import { programCommit } from '../../src/util/commit.js';
import { writeFileAtomic } from '../../src/util/files.js';

const ROOT = join(import.meta.dirname, '../..');

/** A JSON value. */
export type Figure = number | string | boolean | null | Figure[] | { [name: string]: Figure };

/** What a measurement's file holds: enough to judge and to repeat it. */
export interface Results {
  /** The commit measured; with `+changes` when files under version control differed from it. */
  commit: string;
  machine: { cpu: string; cores: number; memoryGiB: number; os: string; node: string };
  command: string;
  /** ISO 8601, to the second, UTC. */
  date: string;
  figures: Figure;
}

/** The figures that a file holds so far, by the names of their groups; none where there is no such file. */
export function earlierFigures(name: string): Record<string, Figure> {
  const path = join(ROOT, 'results', `${name}.json`);
  if (!existsSync(path)) return {};
  return (JSON.parse(readFileSync(path, 'utf8')) as { figures: Record<string, Figure> }).figures;
}

/** By what a figure is made: for files whose figures come from several runs of a script. */
export function provenance(): Pick<Results, 'commit' | 'command' | 'date'> {
  const [script, ...args] = process.argv.slice(1);
  return {
    commit: programCommit(ROOT) ?? 'unknown',
    command: ['npx tsx', relative(ROOT, script), ...args].join(' '),
    date: `${new Date().toISOString().slice(0, 19)}Z`,
  };
}

/**
 * Keeps a script's figures under version control: `results/<name>.json`.
 * @returns the file's path
 */
export function writeResults(name: string, figures: Figure): string {
  const { commit, command, date } = provenance();
  const results: Results = {
    commit,
    machine: {
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      os: `${os.type()} ${os.release()}`,
      node: process.version,
    },
    command,
    date,
    figures,
  };
  const path = join(ROOT, 'results', `${name}.json`);
  writeFileAtomic(path, `${JSON.stringify(results, null, 2)}\n`);
  return path;
}

/**
 * Adds figures to a group of those that a file holds, in place of what they name there.
 * @returns the file's path
 */
export function addFigures(name: string, group: string, figures: { [name: string]: Figure }): string {
  const earlier = earlierFigures(name);
  return writeResults(name, {
    ...earlier,
    [group]: { ...(earlier[group] as object | undefined), ...figures },
  });
}
