import { createReadStream, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { codeOf, messageOf } from '../util/errors.js';
import { PictureError } from './decode.js';
import { fetchBytes } from './fetchBytes.js';
import { readBytes } from './readBytes.js';

/** Where a picture comes from. */
export interface PictureSource {
  /** A path, an address, or `-`: standard input. */
  name: string;
  /** The folder it lies in, without the path to that, where there is one. */
  folder?: string;
  /** @throws PictureError when it cannot be had */
  read(signal?: AbortSignal): Promise<Buffer>;
}

export interface FoundPictures {
  sources: PictureSource[];
  /** Files in folders that are left out, since their names do not end as pictures' do. */
  otherFiles: number;
}

const ENDINGS = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.avif',
  '.gif',
  '.tif',
  '.tiff',
]);

/**
 * The pictures that some names stand for, in their order: files, folders with all that they hold (names in the order of
 * their numbers, hidden ones left out, links followed), http and https addresses, and `-`. Nothing is read yet.
 */
export function findPictures(
  names: readonly string[],
  stdin: NodeJS.ReadableStream = process.stdin,
): FoundPictures {
  const found: FoundPictures = { sources: [], otherFiles: 0 };
  for (const name of names) {
    if (name === '-') found.sources.push({ name, read: () => readStdin(stdin) });
    else if (/^[a-z][a-z\d+.-]*:\/\//i.test(name)) {
      found.sources.push({ name, read: (signal) => fetchBytes(name, signal) });
    } else if (statSync(name, { throwIfNoEntry: false })?.isDirectory() === true)
      addFolder(name, found, new Set());
    else found.sources.push(fileSource(name));
  }
  return found;
}

/** A picture whose file's content is there already. */
export function pictureOf(content: Uint8Array, name: string): PictureSource {
  return { name, read: () => Promise.resolve(Buffer.from(content)) };
}

function addFolder(folder: string, found: FoundPictures, above: ReadonlySet<string>): void {
  let names: string[];
  let real: string;
  try {
    real = realpathSync(folder);
    // A link that leads back to a folder it is in.
    if (above.has(real)) return;
    names = readdirSync(folder);
  } catch (error) {
    found.sources.push({ name: folder, read: () => Promise.reject(cannotRead(error)) });
    return;
  }
  const within = new Set([...above, real]);
  for (const name of names.filter((one) => !one.startsWith('.')).sort(byNumbers)) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) addFolder(path, found, within);
    else if (ENDINGS.has(extname(name).toLowerCase())) found.sources.push(fileSource(path));
    else found.otherFiles++;
  }
}

const { compare: byNumbers } = new Intl.Collator('en', { numeric: true });

const fileSource = (path: string): PictureSource => ({
  name: path,
  folder: basename(dirname(resolve(path))),
  read: () => readPath(path),
});

async function readPath(path: string): Promise<Buffer> {
  try {
    return await readBytes(createReadStream(path));
  } catch (error) {
    throw error instanceof PictureError ? error : cannotRead(error);
  }
}

async function readStdin(stdin: NodeJS.ReadableStream): Promise<Buffer> {
  if ('isTTY' in stdin && stdin.isTTY === true) {
    throw new PictureError(
      'nothing comes from standard input: lead a picture there, as in cifar predict - < photo.jpg',
    );
  }
  try {
    return await readBytes(stdin as AsyncIterable<Uint8Array>);
  } catch (error) {
    throw error instanceof PictureError ? error : cannotRead(error);
  }
}

function cannotRead(error: unknown): PictureError {
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EACCES: 'no permission to read it',
    EISDIR: 'it is a folder',
    ELOOP: 'its links lead in a circle',
    ENAMETOOLONG: 'its name is too long',
  };
  return new PictureError(reasons[codeOf(error) ?? ''] ?? messageOf(error), { cause: error });
}
