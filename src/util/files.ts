import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CifarError, UsageError, codeOf, messageOf } from './errors.js';

/** Says what a failed write means and what to do about it. */
export function writeError(path: string, error: unknown): CifarError {
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space and run the command again',
    EDQUOT: 'the disk quota is used up; free some space and run the command again',
    EROFS: 'the file system is read-only; choose another folder',
    EACCES: 'no permission to write there; choose another folder or change its permissions',
    EPERM: 'no permission to write there; choose another folder or change its permissions',
    EEXIST: 'there is a file of that name, where a folder is wanted; choose another folder',
    ENOENT: 'no folder can be made there; choose another folder',
    ENOTDIR: 'a part of the path is a file, not a folder; choose another folder',
  };
  const reason = reasons[codeOf(error) ?? ''] ?? messageOf(error);
  return new CifarError(`Cannot write ${path}: ${reason}.`, { cause: error });
}

/** Creates a folder and its parents. */
export function ensureFolder(path: string): void {
  try {
    makeFolders(resolve(path));
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * One by one: Node's own recursive mkdir reports a read-only file system as a missing folder, and never returns where
 * folders cannot be made at all (`/proc`).
 */
function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!(codeOf(error) === 'EEXIST' && statSync(path).isDirectory())) throw error;
  }
}

/**
 * Tries, before hours of work, whether a file can be written at a place: its folder is made, and a file in it, which goes
 * again.
 * @param option that named the place, for messages
 * @throws CifarError saying why not
 */
export function checkPlace(option: string, path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`${option}: expected a file, and ${path} is a folder: give a name in it.`);
  }
  const place = linked(path);
  if (isStream(place)) return;
  ensureFolder(dirname(place));
  const part = partName(place);
  try {
    closeSync(openSync(part, 'wx'));
  } catch (error) {
    throw writeError(path, error);
  }
  rmSync(part, { force: true });
}

/** A name beside a file or folder, for its content while it is being written; no two writers share one. */
export function partName(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.part`;
}

/**
 * Writes a file so that its final name only ever bears complete content: to a part file beside it, flushed to disk, renamed.
 * A link is followed, and what it leads to replaced; a device or a pipe is written into.
 * @param chunks the content in order
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): void {
  const place = linked(path);
  if (isStream(place)) writeStream(path, chunks);
  else replaceFile(path, place, chunks);
}

/**
 * Writes a file unless there is one of its name: of several processes that try, on one machine or on many that share the folder, one succeeds, and
 * what it wrote stays.
 */
export function writeFileOnce(path: string, content: string): void {
  const part = partName(path);
  writeFileAtomic(part, content);
  try {
    linkSync(part, path);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (WITHOUT_LINKS.includes(code)) renameUnlessThere(part, path);
    else if (code !== 'EEXIST') throw writeError(path, error);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Of file systems that have no hard links. */
const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** The best that can be had there: of two at the same instant the later one stays. */
function renameUnlessThere(part: string, path: string): void {
  if (!existsSync(path)) renameSync(part, path);
}

/** Where a path leads to, through links that may lead to what is not there yet. */
function linked(path: string): string {
  let place = path;
  for (let links = 0; isLink(place); links++) {
    if (links === 40) throw writeError(path, new Error('its links lead in a circle'));
    place = resolve(dirname(place), readlinkSync(place));
  }
  return place;
}

/** False for what cannot be reached, too: writing there says why. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function isStream(path: string): boolean {
  try {
    const status = statSync(path);
    return !status.isFile() && !status.isDirectory();
  } catch {
    return false;
  }
}

function writeStream(path: string, chunks: readonly (string | Uint8Array)[]): void {
  try {
    const fd = openSync(path, 'w');
    try {
      writeAll(fd, chunks);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw writeError(path, error);
  }
}

function writeAll(fd: number, chunks: readonly (string | Uint8Array)[]): void {
  for (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let offset = 0;
    while (offset < bytes.byteLength) offset += writeSync(fd, bytes, offset, bytes.byteLength - offset);
  }
}

function replaceFile(path: string, place: string, chunks: readonly (string | Uint8Array)[]): void {
  const part = partName(place);
  ensureFolder(dirname(place));
  let fd: number | undefined;
  try {
    fd = openSync(part, 'w');
    writeAll(fd, chunks);
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(part, place);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(part, { force: true });
    throw writeError(path, error);
  }
}
