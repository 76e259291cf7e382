import type { NpmSettings } from './npmSettings.js';
import type { PartFile } from './partFile.js';

/**
 * Fetches a source's archive: when the promise resolves, all its bytes are in `part` and checked.
 * @param settings npm's: proxies, certificates, registry
 * @param onBytes hears of the bytes so far and in all
 * @throws SourceError for faults of the network and the source, CifarError when the part file cannot be written
 */
export type FetchArchive = (
  part: PartFile,
  settings: NpmSettings,
  onBytes: (done: number, total: number) => void,
  signal: AbortSignal,
) => Promise<void>;
