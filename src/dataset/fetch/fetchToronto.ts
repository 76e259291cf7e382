import { createHash } from 'node:crypto';
import fetch, { type FetchOptions } from 'make-fetch-happen';
import type { FetchArchive } from './fetchArchive.js';
import { networkError } from './networkError.js';
import { proxyName } from './proxySettings.js';
import { TORONTO } from './source.js';
import { SourceError } from './sourceError.js';

/** Long enough for a slow line to answer, short enough to try the other source. */
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Fetches the authors' archive over HTTPS, through npm's proxy and certificate settings, and checks size and MD5 sum.
 * It gives up after 5 s without a connection and 30 s without data, and at once when there is no such host.
 * @throws SourceError for the network's and the archive's faults, CifarError when the part file cannot be written
 */
export function torontoFetcher(
  archive: { url: string; md5: string; bytes: number } = TORONTO,
  timeouts = { connection: CONNECT_TIMEOUT_MS, idle: IDLE_TIMEOUT_MS },
): FetchArchive {
  const { host } = new URL(archive.url);
  return async (part, settings, onBytes, signal) => {
    const { ca, noProxy, strictSSL } = settings;
    const options: FetchOptions = {
      ca,
      noProxy,
      strictSSL,
      proxy: settings.httpsProxy ?? settings.proxy ?? undefined,
      cache: 'no-store',
      timeouts,
      signal,
    };
    const hash = createHash('md5');
    let done = 0;
    try {
      const response = await fetch(archive.url, options);
      if (response.status !== 200) {
        throw new SourceError(`${host} answered with status ${response.status} (${response.statusText}).`);
      }
      // For errors after the loop, as in fetchNpm.ts.
      response.body.on('error', () => undefined);
      for await (const chunk of response.body) {
        done += chunk.length;
        if (done > archive.bytes) break;
        hash.update(chunk);
        part.append(chunk);
        onBytes(done, archive.bytes);
      }
    } catch (error) {
      throw networkError(host, error, proxyName(settings, archive.url));
    }
    if (done !== archive.bytes) {
      const found = done > archive.bytes ? 'more came' : `${done} came`;
      throw new SourceError(`${host} sent a wrong archive: expected ${archive.bytes} bytes, ${found}.`);
    }
    const md5 = hash.digest('hex');
    if (md5 !== archive.md5) {
      throw new SourceError(`${host} sent a damaged archive: expected MD5 ${archive.md5}, found ${md5}.`);
    }
  };
}
