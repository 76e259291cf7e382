import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CifarError, codeOf, messageOf } from './errors.js';

/** Says what a failed write means and what to do about it. */
export function writeError(path: string, error: unknown): CifarError {
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space and run the command again',
    EDQUOT: 'the disk quota is used up; free some space and run the command again',
    EROFS: 'the file system is read-only; choose another folder',
    EACCES: 'no permission to write there; choose another folder or change its permissions',
    EPERM: 'no permission to write there; choose another folder or change its permissions',
    ENOTDIR: 'a part of the path is a file, not a folder; choose another folder',
  };
  const reason = reasons[codeOf(error) ?? ''] ?? messageOf(error);
  return new CifarError(`Cannot write ${path}: ${reason}.`, { cause: error });
}

/** Creates a folder and its parents. */
export function ensureFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw writeError(path, codeOf(error) === 'ENOENT' ? (plainMkdirError(path) ?? error) : error);
  }
}

/** Why a folder cannot be made: Node's recursive mkdir reports a read-only file system as ENOENT, the plain one does not. */
function plainMkdirError(path: string): unknown {
  let missing = path;
  while (!existsSync(dirname(missing))) missing = dirname(missing);
  try {
    mkdirSync(missing);
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Writes a file so that its final name only ever bears complete content: to `<path>.part`, flushed to disk, renamed.
 * @param chunks the content in order
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): void {
  const part = `${path}.part`;
  ensureFolder(dirname(path));
  let fd: number | undefined;
  try {
    fd = openSync(part, 'w');
    for (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      let offset = 0;
      while (offset < bytes.byteLength) offset += writeSync(fd, bytes, offset, bytes.byteLength - offset);
    }
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(part, path);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(part, { force: true });
    throw writeError(path, error);
  }
}
