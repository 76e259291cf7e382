import { appendFileSync, existsSync } from 'node:fs';
import * as v from 'valibot';
import { amount, checkValue, count, share } from '../io/json.js';
import { CifarError, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { readTextFile } from '../util/readText.js';
import type { EpochRecord } from '../plots/types.js';
import type { RunFolder } from './runFolder.js';

export type { EpochRecord };

const COLUMNS = [
  'epoch',
  'epochsTrained',
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'learningRate',
  'seconds',
  'imagesPerSecond',
] as const satisfies readonly (keyof EpochRecord)[];

const jsonLine = (record: EpochRecord): string => `${JSON.stringify(record)}\n`;
const csvLine = (record: EpochRecord): string => `${COLUMNS.map((column) => record[column]).join(',')}\n`;

/** Keeps a run's history on disk, as JSON lines and as CSV. */
export class HistoryWriter {
  private written = 0;

  constructor(private readonly folder: RunFolder) {}

  /**
   * Brings the files up to a history: the first time anew, since they may hold epochs that are being repeated, then line by
   * line, so that an epoch's end costs the same however many were before it.
   * @param history the one of the call before, with further epochs at its end
   */
  write(history: readonly EpochRecord[]): void {
    const { historyJsonl, historyCsv } = this.folder;
    if (this.written === 0) {
      writeFileAtomic(historyJsonl, history.map(jsonLine).join(''));
      writeFileAtomic(historyCsv, `${COLUMNS.join(',')}\n`, history.map(csvLine).join(''));
    } else {
      const added = history.slice(this.written);
      appendFileSync(historyJsonl, added.map(jsonLine).join(''));
      appendFileSync(historyCsv, added.map(csvLine).join(''));
    }
    this.written = history.length;
  }
}

/** JSON knows no NaN, which a loss of a training that diverged was, and the rate of an epoch that was halted. */
const orNaN = v.pipe(
  v.nullable(amount),
  v.transform((value) => value ?? NaN),
);

export const EPOCH_RECORD = v.looseObject({
  epoch: v.pipe(count, v.maxValue(1e6)),
  epochsTrained: v.optional(amount),
  trainLoss: orNaN,
  trainAccuracy: share,
  validationLoss: v.nullable(amount),
  validationAccuracy: v.nullable(share),
  learningRate: amount,
  seconds: amount,
  imagesPerSecond: orNaN,
});

/** Reads a run's history; an unfinished first epoch has none. */
export function readHistory(folder: RunFolder): EpochRecord[] {
  if (!existsSync(folder.historyJsonl)) return [];
  try {
    return parseHistory(readTextFile(folder.historyJsonl));
  } catch (error) {
    throw new CifarError(`${folder.historyJsonl} is damaged: ${messageOf(error)}.`, { cause: error });
  }
}

/**
 * The epochs of whole lines of a history.
 * @throws Error naming the line and the field that is wrong
 */
export function parseHistory(text: string): EpochRecord[] {
  // A line without its end is being written just now.
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => parseLine(line, number));
}

function parseLine(line: string, number: number): EpochRecord {
  try {
    return checkValue(JSON.parse(line), EPOCH_RECORD) as EpochRecord;
  } catch (error) {
    throw new Error(`line ${number}: ${messageOf(error)}`, { cause: error });
  }
}
