import { readFileSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { CifarError, codeOf, messageOf } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { sha256 } from '../util/sha256.js';
import { type CanonicalFile, type Dataset, canonicalFiles, recordBytes } from './descriptor.js';

/** Beside the files: what they were when their sums were last computed. */
const VERIFIED = 'verified.json';

/** The command that puts a folder right, to be copied into a shell. */
function downloadCommand(dataDir: string): string {
  if (dataDir === 'data') return 'cifar download';
  return `cifar download --data-dir ${/^[\w./-]+$/.test(dataDir) ? dataDir : `'${dataDir.replaceAll("'", "'\\''")}'`}`;
}

/**
 * Checks one canonical file's size and SHA-256 sum. The sum of 30 MB takes a tenth of a second, so a file that has the size,
 * times and number it had when its sum was found right is not read again.
 * @throws CifarError naming the file, when it is missing, of a wrong size or altered
 */
export function verify(dataset: Dataset, dataDir: string, file: CanonicalFile): void {
  const path = join(dataDir, file.name);
  let status: BigIntStats;
  try {
    status = statSync(path, { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') {
      throw new CifarError(
        `The data set is not complete: ${path} is missing. Run: ${downloadCommand(dataDir)}`,
        {
          cause: error,
        },
      );
    }
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const expected = file.images * recordBytes(dataset);
  if (status.size !== BigInt(expected)) {
    throw new CifarError(
      `${path} is damaged: expected ${expected} bytes, found ${status.size}. Run: ${downloadCommand(dataDir)}`,
    );
  }
  const mark = markOf(file, status);
  if (readVerified(dataDir)[file.name] === mark) return;
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CifarError(`Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const sum = sha256(bytes);
  if (sum !== file.sha256) {
    throw new CifarError(
      `${path} is damaged: expected SHA-256 ${file.sha256}, found ${sum}. Run: ${downloadCommand(dataDir)}`,
    );
  }
  remember(dataDir, file.name, mark);
}

/** The reasons why files of a data set cannot be used; none when it is whole. */
export function findFaults(
  dataset: Dataset,
  dataDir: string,
  files: readonly CanonicalFile[] = canonicalFiles(dataset),
): string[] {
  return files.flatMap((file) => {
    try {
      verify(dataset, dataDir, file);
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
}

/** Changes whenever the file's content may have changed; a copy has another, too. */
function markOf({ sha256 }: CanonicalFile, { size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string {
  return [sha256, size, mtimeNs, ctimeNs, ino, dev].join(' ');
}

type Verified = Readonly<Record<string, unknown>>;

/** What is remembered of a folder's files; whatever else that file holds counts as nothing. */
function readVerified(dataDir: string): Verified {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dataDir, VERIFIED), 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Verified) : {};
  } catch {
    return {};
  }
}

function remember(dataDir: string, name: string, mark: string): void {
  try {
    const verified = { ...readVerified(dataDir), [name]: mark };
    writeFileAtomic(join(dataDir, VERIFIED), `${JSON.stringify(verified, null, 2)}\n`);
  } catch {
    // A folder that cannot be written to is checked anew each time.
  }
}
