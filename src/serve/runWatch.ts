import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkSmall } from '../report/smallFiles.js';
import { summarize } from '../report/readRun.js';
import { runFolders } from '../report/runFolders.js';
import { summaryOf } from '../report/summary.js';
import type { RunSummary } from '../report/types.js';
import { type EpochRecord, parseHistory } from '../runs/history.js';
import { isOwned } from '../runs/owner.js';
import type { RunFolder } from '../runs/runFolder.js';
import { readRunRecord } from '../runs/runRecord.js';
import { messageOf } from '../util/errors.js';

/** What has changed since the last look. */
export interface Changes {
  changed: RunSummary[];
  removed: string[];
  /** Epochs that a run's history has gained, from the `from`-th on; 0: it was written anew. */
  grown: { run: string; from: number; epochs: EpochRecord[] }[];
}

interface Watched {
  folder: RunFolder;
  /** Of the files that the summary was made of: as long as it stays, so does that. */
  state: string;
  summary: RunSummary;
  /** Of a run in work. */
  history?: FollowedHistory;
}

/** A run that nobody trains is looked at in every so many looks. */
const SELDOM = 5;

/**
 * The runs of a folder, from their own files: nothing is asked of whoever trains them. Files are looked at again and again, since network file
 * systems tell nobody of changes.
 */
export class RunWatch {
  private readonly runs = new Map<string, Watched>();
  private looks = 0;

  constructor(private readonly modelsDir: string) {}

  /** A run of the last look. */
  folder(name: string): RunFolder | undefined {
    return this.runs.get(name)?.folder;
  }

  /** Those of the last look, the latest start first. */
  summaries(): RunSummary[] {
    const startOf = (run: RunSummary): string => ('problem' in run ? '' : run.startedAt);
    return [...this.runs.values()]
      .map(({ summary }) => summary)
      .sort((a, b) => (startOf(a) < startOf(b) ? 1 : startOf(a) > startOf(b) ? -1 : 0));
  }

  look(): Changes {
    const changes: Changes = { changed: [], removed: [], grown: [] };
    const folders = runFolders(this.modelsDir);
    for (const name of [...this.runs.keys()].filter((each) => !folders.has(each))) {
      this.runs.delete(name);
      changes.removed.push(name);
    }
    const isSeldom = this.looks++ % SELDOM !== 0;
    for (const [name, folder] of folders) {
      const before = this.runs.get(name);
      if (before !== undefined && before.history === undefined && isSeldom) continue;
      this.lookAt(folder, before, changes);
    }
    return changes;
  }

  private lookAt(folder: RunFolder, before: Watched | undefined, changes: Changes): void {
    const state = stateOf(folder);
    if (before?.state === state) return;
    const watched = inWork(folder) ? this.followed(folder, before, changes) : undefined;
    const now = watched ?? { folder, state, summary: summarize(folder) };
    this.runs.set(folder.name, { ...now, state });
    if (JSON.stringify(now.summary) !== JSON.stringify(before?.summary)) changes.changed.push(now.summary);
    // What it gained since the last look in which it was in work.
    if (watched === undefined && before?.history !== undefined) {
      const grown = before.history.read();
      if (grown !== undefined) changes.grown.push({ run: folder.name, ...grown });
    }
  }

  /** A run in work: only what its history has gained is read. */
  private followed(folder: RunFolder, before: Watched | undefined, changes: Changes): Omit<Watched, 'state'> {
    const history = before?.history ?? new FollowedHistory(folder);
    try {
      checkSmall(folder);
      const grown = history.read();
      // The first look tells nobody anything new: a page asks for the whole.
      if (grown !== undefined && before !== undefined) changes.grown.push({ run: folder.name, ...grown });
      return { folder, history, summary: summaryOf(folder, readRunRecord(folder), history.epochs) };
    } catch (error) {
      return { folder, history, summary: { name: folder.name, problem: messageOf(error) } };
    }
  }
}

const inWork = (folder: RunFolder): boolean => existsSync(folder.record) && isOwned(folder.path);

/** Changes whenever a file that a summary is made of does. */
function stateOf({ path, record, historyJsonl, last }: RunFolder): string {
  return [record, historyJsonl, join(path, 'owner.json'), join(last, 'model.json')]
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      // The heartbeat of an owner is no change.
      if (found === undefined || file.endsWith('owner.json')) return found?.ino ?? '-';
      return `${found.ino} ${found.size} ${found.mtimeMs}`;
    })
    .join(',');
}

/** A history that grows line by line. */
class FollowedHistory {
  epochs: EpochRecord[] = [];
  private inode = 0;
  private offset = 0;

  constructor(private readonly folder: RunFolder) {}

  /** @returns what it has gained since the last time; undefined for nothing */
  read(): { from: number; epochs: EpochRecord[] } | undefined {
    if (!existsSync(this.folder.historyJsonl)) return undefined;
    const fd = openSync(this.folder.historyJsonl, 'r');
    try {
      const { ino, size } = fstatSync(fd);
      if (ino !== this.inode || size < this.offset) {
        this.epochs = [];
        this.offset = 0;
        this.inode = ino;
      }
      const bytes = Buffer.alloc(size - this.offset);
      const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, this.offset));
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole === '') return undefined;
      const epochs = parseHistory(whole);
      const from = this.epochs.length;
      this.epochs.push(...epochs);
      this.offset += Buffer.byteLength(whole);
      return { from, epochs };
    } finally {
      closeSync(fd);
    }
  }
}
