import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../util/errors.js';
import { CIFAR10 } from '../cifar10.js';
import { type CanonicalFile, recordBytes } from '../descriptor.js';
import { SourceError } from './sourceError.js';
import type { TakeFile } from './torontoArchive.js';

/** What the authors' archive unpacks to. */
const USUAL = 'cifar-10-batches-bin';

/**
 * Reads the canonical files from a folder, or from the one in it that their archive unpacks to.
 * @throws SourceError when one is missing, of another size or cannot be read
 */
export function readFolder(
  folder: string,
  files: readonly CanonicalFile[],
  take: TakeFile,
  signal?: AbortSignal,
): Promise<void> {
  for (const file of files) {
    signal?.throwIfAborted();
    const path = [join(folder, file.name), join(folder, USUAL, file.name)].find((each) => existsSync(each));
    if (path === undefined) throw new SourceError(`${folder} lacks ${file.name}.`);
    const { size } = statSync(path);
    const expected = file.images * recordBytes(CIFAR10);
    if (size !== expected) throw new SourceError(`${path} has ${size} bytes, expected ${expected}.`);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      throw new SourceError(`Cannot read ${path}: ${messageOf(error)}.`, { cause: error });
    }
    take(file, bytes);
  }
  return Promise.resolve();
}
