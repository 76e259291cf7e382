import { existsSync, readFileSync } from 'node:fs';
import { CifarError, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import type { EpochRecord } from '../plots/types.js';
import type { RunFolder } from './runFolder.js';

export type { EpochRecord };

const COLUMNS = [
  'epoch',
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'learningRate',
  'seconds',
  'imagesPerSecond',
] as const satisfies readonly (keyof EpochRecord)[];

/** Writes the whole history, as JSON lines and as CSV. */
export function writeHistory(folder: RunFolder, history: readonly EpochRecord[]): void {
  writeFileAtomic(folder.historyJsonl, history.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const rows = history.map((record) => COLUMNS.map((column) => record[column]).join(','));
  writeFileAtomic(folder.historyCsv, [COLUMNS.join(','), ...rows, ''].join('\n'));
}

/** Reads a run's history; an unfinished first epoch has none. */
export function readHistory(folder: RunFolder): EpochRecord[] {
  if (!existsSync(folder.historyJsonl)) return [];
  try {
    return readFileSync(folder.historyJsonl, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as EpochRecord);
  } catch (error) {
    throw new CifarError(`${folder.historyJsonl} is damaged: ${messageOf(error)}.`, { cause: error });
  }
}
