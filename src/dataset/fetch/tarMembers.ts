import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { codeOf, messageOf } from '../../util/errors.js';
import { SourceError } from './sourceError.js';

/** More than either archive unpacks to; what exceeds it is not one of them. */
const MAX_UNPACKED_BYTES = 400_000_000;

/** Takes the content of a member; what it throws ends the reading. */
export type TakeMember = (name: string, content: Buffer) => void;

/**
 * Reads named members of a tar archive, compressed by gzip or not, one at a time in memory; nothing else of it is unpacked.
 * @param wanted names of members in whatever folder of the archive, with the most bytes each may have
 * @throws SourceError when the archive is damaged, cut short, or lacks a wanted member, or when a member comes twice,
 *   is larger than it may be or not a regular file
 */
export async function readMembers(
  archive: string,
  wanted: ReadonlyMap<string, number>,
  take: TakeMember,
  signal?: AbortSignal,
): Promise<void> {
  const missing = new Set(wanted.keys());
  const refuse = (reason: string) => new SourceError(`${archive} is not a good archive: ${reason}.`);
  await walk(archive, signal, (entry) => {
    const name = posix.basename(entry.path);
    const maxBytes = wanted.get(name);
    if (maxBytes === undefined) return undefined;
    if (entry.type !== 'File' && entry.type !== 'OldFile')
      throw refuse(`${entry.path} is not a regular file`);
    if (!missing.delete(name)) throw refuse(`${entry.path} comes twice`);
    if (entry.size > maxBytes) {
      throw refuse(`${entry.path} has ${entry.size} bytes, expected at most ${maxBytes}`);
    }
    return (content) => take(name, content);
  });
  if (missing.size > 0) throw refuse(`it lacks ${[...missing].join(', ')}`);
}

/**
 * The names of all members; reads the archive to its end, so damage anywhere is found.
 * @throws SourceError as `readMembers`
 */
export async function listMembers(archive: string, signal?: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  await walk(archive, signal, (entry) => {
    names.push(entry.path);
    return undefined;
  });
  return names;
}

/** Calls `visit` for each member; when that returns a function, the member's content is collected for it. */
async function walk(
  archive: string,
  signal: AbortSignal | undefined,
  visit: (entry: ReadEntry) => ((content: Buffer) => void) | undefined,
): Promise<void> {
  // The parser works in events, so what goes wrong in one is kept and thrown from the loop that feeds it.
  const failures: unknown[] = [];
  const guard = (action: () => void) => {
    try {
      if (failures.length === 0) action();
    } catch (error) {
      failures.push(error);
    }
  };
  const throwFailure = () => {
    if (failures.length > 0) throw failures[0];
  };
  const parser = new Parser({ strict: true });
  parser.on('error', (error: unknown) => failures.push(error));
  parser.on('entry', (entry: ReadEntry) => {
    guard(() => {
      const take = visit(entry);
      if (!take) return;
      const chunks: Buffer[] = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => guard(() => take(Buffer.concat(chunks))));
    });
    // Lets an entry nobody listens to run through; changes nothing for the others.
    entry.resume();
  });
  const ended = new Promise<void>((resolve) => parser.on('end', resolve));
  try {
    const unpacking = isCompressed(archive) ? createGunzip({ chunkSize: 1 << 20 }) : new PassThrough();
    await pipeline(
      createReadStream(archive, { highWaterMark: 1 << 20 }),
      unpacking,
      async (source: AsyncIterable<Buffer>) => {
        let unpacked = 0;
        for await (const chunk of source) {
          unpacked += chunk.length;
          if (unpacked > MAX_UNPACKED_BYTES) {
            const reason = 'it unpacks to more than CIFAR-10';
            failures.push(new SourceError(`${archive} is not a good archive: ${reason}.`));
          }
          throwFailure();
          parser.write(chunk);
          throwFailure();
        }
        parser.end();
        throwFailure();
        await ended;
      },
      signal ? { signal } : {},
    );
  } catch (error) {
    // The pipeline may report the abortion that a failure leads to instead of the failure.
    throw explain(archive, failures.length > 0 ? failures[0] : error, signal);
  }
}

const TAR_MAGIC = { at: 257, text: 'ustar' };

/** Whether a tar archive is compressed by gzip. Refuses what is no archive before anything is made of it. */
function isCompressed(archive: string): boolean {
  const start = Buffer.alloc(512);
  const fd = openSync(archive, 'r');
  try {
    readSync(fd, start, 0, start.length, 0);
  } finally {
    closeSync(fd);
  }
  if (start[0] === 0x1f && start[1] === 0x8b) return true;
  const { at, text } = TAR_MAGIC;
  if (start.toString('latin1', at, at + text.length) === text) return false;
  throw new SourceError(
    `${archive} is not a tar archive, compressed by gzip or not (.tar.gz, .tgz, .tar): unpack it, and give the folder.`,
  );
}

function explain(archive: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  const code = codeOf(error) ?? '';
  if (code === 'Z_BUF_ERROR') {
    return new SourceError(`${archive} is cut short: its compressed data end too early.`, { cause: error });
  }
  if (code.startsWith('Z_') || code.startsWith('TAR_')) {
    return new SourceError(`${archive} is damaged: ${messageOf(error)}.`, { cause: error });
  }
  if (code.startsWith('E') && !code.startsWith('ERR_')) {
    return new SourceError(`Cannot read ${archive}: ${messageOf(error)}.`, { cause: error });
  }
  return error;
}
