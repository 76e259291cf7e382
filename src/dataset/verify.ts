import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CifarError, codeOf, messageOf } from '../util/errors.js';
import { CANONICAL_FILES, fileBytes, type CanonicalFile } from './source.js';

/** SHA-256 of some bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads one canonical file and checks its size and SHA-256 sum (20 ms a file, so it is done at every load).
 * @throws CifarError naming the file, when it is missing, of a wrong size or altered
 */
export function readVerified(dataDir: string, file: CanonicalFile): Buffer {
  const path = join(dataDir, file.name);
  let size: number;
  try {
    size = statSync(path).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') {
      throw new CifarError(`The data set is not complete: ${path} is missing. Run: cifar download`, {
        cause: error,
      });
    }
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (size !== fileBytes(file)) {
    throw new CifarError(
      `${path} is damaged: expected ${fileBytes(file)} bytes, found ${size}. Run: cifar download`,
    );
  }
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const sum = sha256(bytes);
  if (sum !== file.sha256) {
    throw new CifarError(
      `${path} is damaged: expected SHA-256 ${file.sha256}, found ${sum}. Run: cifar download`,
    );
  }
  return bytes;
}

/** The reasons why canonical files of a folder cannot be used; none when the data set is whole. */
export function findFaults(dataDir: string, files: readonly CanonicalFile[] = CANONICAL_FILES): string[] {
  const faults: string[] = [];
  for (const file of files) {
    try {
      readVerified(dataDir, file);
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  return faults;
}
