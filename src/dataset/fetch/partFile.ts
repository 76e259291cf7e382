import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../util/errors.js';
import { ensureFolder, writeError } from '../../util/files.js';

/** Writes some of the bytes to a file descriptor and returns how many. */
export type WriteBytes = (fd: number, bytes: Uint8Array) => number;

/** `<name>.<host>-<process>-<random>.part`: no two writers share one, and the stale ones can be told. */
const PART_NAME = /\.([A-Za-z0-9_-]*)-(\d+)-[0-9a-f]{8}\.part$/;
const HOST = hostname().replace(/[^A-Za-z0-9_-]/g, '_');
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * A file under construction, beside the place where it will stand. It takes its final name only by `commit`, so
 * nothing half written ever bears it. All methods throw CifarError when the disk refuses.
 */
export class PartFile {
  readonly path: string;
  private fd: number | undefined;

  /** @param finalPath its folder is created when missing */
  constructor(
    private readonly finalPath: string,
    private readonly write: WriteBytes = (fd, bytes) => writeSync(fd, bytes),
  ) {
    ensureFolder(dirname(finalPath));
    this.path = `${finalPath}.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.part`;
    this.restart();
  }

  /** Empties the file, for another attempt. */
  restart(): void {
    this.close();
    this.attempt(() => {
      this.fd = openSync(this.path, 'w');
    });
  }

  append(bytes: Uint8Array): void {
    this.attempt(() => {
      if (this.fd === undefined) throw new Error('it is closed already');
      for (let done = 0; done < bytes.length;) done += this.write(this.fd, bytes.subarray(done));
    });
  }

  /** Flushes the content to the disk; nothing can be appended afterwards. */
  finish(): void {
    this.attempt(() => {
      if (this.fd !== undefined) fsyncSync(this.fd);
    });
    this.close();
  }

  /** Gives the finished file its final name, in place of whatever bore it. */
  commit(): void {
    this.finish();
    this.attempt(() => renameSync(this.path, this.finalPath));
  }

  /** Removes the file; does nothing once it is committed. */
  discard(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  private close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw writeError(this.finalPath, error);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Removes what killed downloads left in a folder: part files whose process on this machine is gone, and any that
 * nobody has written to for a day. Those of a download under way elsewhere stay.
 */
export function removeStaleParts(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // No such folder yet; should it be unreadable, the first write says so.
    return;
  }
  for (const name of names) {
    const match = PART_NAME.exec(basename(name));
    if (!match) continue;
    const path = join(folder, name);
    const [, host, pid] = match;
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const ownerGone = host === HOST && !isRunning(Number(pid));
    if (ownerGone || Date.now() - modified > STALE_AFTER_MS) rmSync(path, { force: true });
  }
}
