import { closeSync, fdatasyncSync, openSync, readdirSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../util/errors.js';
import { ensureFolder, writeError } from '../util/files.js';
import { fileVersionEvent, scalarsEvent, sessionStartEvent, tfRecord } from './tfEvents.js';

export interface TensorBoardOptions {
  /**
   * The first step that will be written, a whole number ≥ 0. A resumed run gives the step it goes on from; what earlier
   * files of the folder hold of it and of later steps no longer counts.
   */
  firstStep?: number;
  /** Milliseconds since 1970; replaced in tests. */
  now?: () => number;
  /** Name of the machine in the file's name. */
  host?: string;
}

const FILE_NAME = /^events\.out\.tfevents\.(\d{10})\./;

/**
 * Writes scalars for TensorBoard into a file of its own in the run's folder.
 *
 * Resuming: TensorBoard reads the files of a folder in the order of their names, as one stream. Each file opens with a
 * session start at its first step; on the second and every later one TensorBoard drops the values it has of that step
 * and of later ones, so a step written again after a crash shows once, with its newer value. The time in a file's name
 * is therefore later than that of every file beside it, even within a second or after the clock was set back.
 */
export class TensorBoardWriter {
  /** The file written to. */
  readonly path: string;
  private readonly now: () => number;
  private fd: number | undefined;
  private pending: Buffer[] = [];

  /**
   * Creates the file, and the folder if need be.
   * @throws CifarError if it cannot be written
   */
  constructor(folder: string, options: TensorBoardOptions = {}) {
    const { firstStep = 0, now = Date.now, host = hostname() } = options;
    checkStep(firstStep);
    this.now = now;
    ensureFolder(folder);
    const opened = createFile(folder, Math.floor(now() / 1000), host);
    this.path = opened.path;
    this.fd = opened.fd;
    this.pending.push(tfRecord(fileVersionEvent(this.wallTime())));
    this.pending.push(tfRecord(sessionStartEvent(this.wallTime(), firstStep)));
    this.flush();
  }

  /**
   * Adds values of a step by their tags, e.g. `{ 'loss/train': 1.2 }`. They reach the file with the next flush. Values
   * are stored as 32-bit floating-point numbers; NaN and infinities are kept.
   * @param step whole number ≥ 0
   */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    checkStep(step);
    this.openFile();
    this.pending.push(tfRecord(scalarsEvent(this.wallTime(), step, values)));
  }

  /**
   * Brings everything added so far to the disk.
   * @throws CifarError if the disk does not take it
   */
  flush(): void {
    const fd = this.openFile();
    const bytes = Buffer.concat(this.pending);
    this.pending = [];
    try {
      let offset = 0;
      while (offset < bytes.length) offset += writeSync(fd, bytes, offset);
      fdatasyncSync(fd);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Flushes and closes the file; closing again does nothing. */
  close(): void {
    if (this.fd === undefined) return;
    try {
      this.flush();
    } finally {
      closeSync(this.fd);
      this.fd = undefined;
    }
  }

  private openFile(): number {
    if (this.fd === undefined) throw new Error(`${this.path} is closed; nothing more can be written to it.`);
    return this.fd;
  }

  /** Seconds since 1970. */
  private wallTime(): number {
    return this.now() / 1000;
  }
}

function checkStep(step: number): void {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new Error(`Expected a step that is a whole number ≥ 0, got ${step}.`);
}

/** Creates an event file whose name sorts after those of all others in the folder. */
function createFile(folder: string, seconds: number, host: string): { path: string; fd: number } {
  const taken = readdirSync(folder).flatMap((name) => {
    const match = FILE_NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  for (let time = Math.max(seconds, ...taken.map((t) => t + 1)); ; time++) {
    const path = join(folder, `events.out.tfevents.${String(time).padStart(10, '0')}.${host}`);
    try {
      return { path, fd: openSync(path, 'wx') };
    } catch (error) {
      // Another process took the name since the folder was read.
      if (codeOf(error) !== 'EEXIST') throw writeError(path, error);
    }
  }
}
