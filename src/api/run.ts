import { type EpochRecord, readHistory } from '../runs/history.js';
import { type RunFolder, findRun, runFolder } from '../runs/runFolder.js';
import { type RunRecord, readRunRecord } from '../runs/runRecord.js';

/** A training run, by its folder. What its files hold is read when it is asked for. */
export class Run {
  /** @param folder its files */
  constructor(readonly folder: RunFolder) {}

  get name(): string {
    return this.folder.name;
  }

  get path(): string {
    return this.folder.path;
  }

  /** How it stands: status, options, results, time and arithmetic spent. @throws CifarError when its file is damaged */
  get record(): RunRecord {
    return readRunRecord(this.folder);
  }

  /** Its finished epochs, in order. @throws CifarError when its file is damaged */
  get history(): EpochRecord[] {
    return readHistory(this.folder);
  }
}

/**
 * A run that was trained before.
 * @param run its folder's path, or its name in `modelsDir`
 * @throws UsageError when there is none
 */
export function openRun(run: string, { modelsDir = 'models' }: { modelsDir?: string } = {}): Run {
  return new Run(findRun(run, modelsDir));
}

/** The run that a function was given, which may be a path or a name in `models`. */
export function runOf(run: Run | string): RunFolder {
  return typeof run === 'string' ? openRun(run).folder : runFolder(run.path);
}
