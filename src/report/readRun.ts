import type { EpochRecord } from '../plots/types.js';
import { readHistory } from '../runs/history.js';
import type { RunFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord } from '../runs/runRecord.js';
import { messageOf } from '../util/errors.js';
import { checkSmall } from './smallFiles.js';
import { summaryOf } from './summary.js';
import type { ReadableRun, RunSummary } from './types.js';

export interface OpenedRun {
  folder: RunFolder;
  record: RunRecord;
  history: EpochRecord[];
  run: ReadableRun;
}

/** @throws CifarError when its record or its history cannot be read */
export function openRun(folder: RunFolder): OpenedRun {
  checkSmall(folder);
  const record = readRunRecord(folder);
  const history = readHistory(folder);
  return { folder, record, history, run: summaryOf(folder, record, history) };
}

/** What a list says of a run, whatever its files hold. */
export function summarize(folder: RunFolder): RunSummary {
  try {
    checkSmall(folder);
    const record = readRunRecord(folder);
    // Lists are long, and most of their runs are not in work.
    return summaryOf(folder, record, record.status === 'running' ? readHistory(folder) : []);
  } catch (error) {
    return { name: folder.name, problem: messageOf(error) };
  }
}
