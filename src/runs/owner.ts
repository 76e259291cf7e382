import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { CifarError, UsageError, codeOf } from '../util/errors.js';
import { partName, writeError } from '../util/files.js';
import { type ProcessIdentity, isRunning, ownIdentity } from '../util/processIdentity.js';

/** Who trains a run: the content of owner.json, which is there as long as it does. */
interface Ownership extends ProcessIdentity {
  token: string;
  /** Number of the file itself: a copy of the folder has another, and nobody trains there. */
  inode: string;
  /** ISO 8601, UTC. */
  since: string;
}

/** An owner touches its file this often; one on another machine that has not for so long counts as gone. */
const HEARTBEAT_MS = 15_000;
export const STALE_MS = 5 * 60_000;

const ownerPath = (folder: string): string => join(folder, 'owner.json');

/** Somebody else trains there, and it may be tried again when they have ended. */
export class OwnedError extends UsageError {}

/** The name of a run is taken, and nobody trains there. */
export class TakenError extends UsageError {}

/**
 * The right to train a run, which one process has at a time. It rests on exclusive creation and atomic renaming alone, so
 * that it holds on network file systems, too. (The lock libraries of npm judge by age only, or need locks of byte ranges,
 * which network file systems lack.)
 */
export class Owner {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly folder: string,
    private readonly token: string,
  ) {
    this.heartbeat = setInterval(() => this.touch(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /**
   * Takes the ownership of a run's folder, from an owner that is gone if there is one.
   * @param takeOver from one that cannot be seen from here, too
   * @throws UsageError naming the owner that lives
   */
  static acquire(folder: string, takeOver = false): Owner {
    for (;;) {
      const token = randomBytes(8).toString('hex');
      if (create(folder, token)) return new Owner(folder, token);
      const present = read(ownerPath(folder));
      if (
        present !== undefined &&
        isAlive(folder, present, takeOver ? undefined : () => serverTime(folder))
      ) {
        const elsewhere = isRunning(present) === undefined;
        throw new OwnedError(
          `${folder} is being trained by process ${present.pid} on ${present.host}, since ${present.since}: wait for its end, or stop it.` +
            (elsewhere ? ' If it is gone, --take-over takes the run over.' : ''),
        );
      }
      removeStale(folder, present?.token);
    }
  }

  /**
   * To be called before every write: another may have taken the run over.
   * @throws CifarError when it has
   */
  assert(): void {
    const present = read(ownerPath(this.folder));
    if (present?.token === this.token) return;
    const by = present === undefined ? '' : ` by process ${present.pid} on ${present.host}`;
    throw new CifarError(
      `${this.folder} has been taken over${by}: this training ends, and has written nothing since.`,
    );
  }

  release(): void {
    clearInterval(this.heartbeat);
    if (read(ownerPath(this.folder))?.token === this.token) rmSync(ownerPath(this.folder), { force: true });
  }

  private touch(): void {
    try {
      const now = new Date();
      utimesSync(ownerPath(this.folder), now, now);
    } catch {
      // Gone: the next write finds out.
    }
  }
}

/** Whether somebody trains there, as far as that can be told without writing anything: by this machine's clock. */
export function isOwned(folder: string): boolean {
  const owner = read(ownerPath(folder));
  return owner !== undefined && isAlive(folder, owner, Date.now);
}

/** Whether the file could be made, by this process alone. */
function create(folder: string, token: string): boolean {
  const path = ownerPath(folder);
  let fd: number;
  try {
    fd = openSync(path, 'wx');
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw writeError(path, error);
  }
  const inode = String(fstatSync(fd, { bigint: true }).ino);
  const content: Ownership = { ...ownIdentity(), token, inode, since: new Date().toISOString() };
  try {
    writeSync(fd, `${JSON.stringify(content, null, 2)}\n`);
  } finally {
    closeSync(fd);
  }
  return true;
}

/** Undefined when there is none, or its content is not whole: being written just now, or damaged. */
function read(path: string): Ownership | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Ownership> | null;
    const isWhole =
      ['host', 'boot', 'namespace', 'started', 'token', 'inode', 'since'].every(
        (key) => typeof value?.[key as keyof Ownership] === 'string',
      ) && typeof value?.pid === 'number';
    return isWhole ? (value as Ownership) : undefined;
  } catch {
    return undefined;
  }
}

/** @param now the clock by which one that cannot be seen from here is judged; undefined: it counts as gone */
function isAlive(folder: string, owner: Ownership, now: (() => number) | undefined): boolean {
  const status = statSync(ownerPath(folder), { bigint: true, throwIfNoEntry: false });
  if (status === undefined || String(status.ino) !== owner.inode) return false;
  const runs = isRunning(owner);
  if (runs !== undefined || now === undefined) return runs ?? false;
  const touched = mtimeOf(ownerPath(folder));
  return touched !== undefined && now() - touched < STALE_MS;
}

/** Now by the clock of whatever holds the folder, in milliseconds: that of a file made there. */
function serverTime(folder: string): number {
  const probe = partName(join(folder, 'clock'));
  try {
    closeSync(openSync(probe, 'wx'));
    return mtimeOf(probe) ?? Date.now();
  } finally {
    rmSync(probe, { force: true });
  }
}

function mtimeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/**
 * Moves the file of an owner that is gone out of the way. Of several that try, the renaming lets one through; if that
 * moved a newer owner's file, it is put back.
 * @param token of the owner that was found gone; undefined for a file without a whole content
 */
function removeStale(folder: string, token: string | undefined): void {
  const path = ownerPath(folder);
  // A file that was just made may not have its content yet.
  const age = Date.now() - (mtimeOf(path) ?? 0);
  if (token === undefined && age < 2000 && age > -2000) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    return;
  }
  // Another may have been quicker.
  if (read(path)?.token !== token) return;
  const aside = partName(join(folder, 'owner'));
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw writeError(path, error);
  }
  const moved = read(aside)?.token;
  if (moved !== token) renameSync(aside, path);
  else rmSync(aside, { force: true });
}
