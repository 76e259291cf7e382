import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dataset } from '../dataset/descriptor.js';
import { Images } from '../report/images.js';
import { type SiteContent, type SiteFile, siteFile } from '../report/siteFiles.js';
import type { EngineConfig } from '../runs/openEngine.js';
import { CifarError, codeOf, messageOf } from '../util/errors.js';
import { EventStream } from './eventStream.js';
import { HEADERS, refusal } from './guard.js';
import { Measuring } from './measuring.js';
import { pageFiles } from './pageFiles.js';
import { RunWatch } from './runWatch.js';

export interface ServeOptions {
  dataset: Dataset;
  modelsDir: string;
  dataDir: string;
  /** Test images that runs are measured on: the first ones; 0: all. */
  limitTest: number;
  predictionsDir: string;
  /** What measures runs. */
  engine: EngineConfig;
  /** Address to listen at. */
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Names under which it may be called, beside localhost and numbers. */
  hostNames: readonly string[];
  /** How often the runs' files are looked at, milliseconds. */
  everyMs?: number;
}

export interface PageServer {
  url: string;
  close(): Promise<void>;
}

/** Connections of all kinds; a page needs six. */
const MOST_CONNECTIONS = 500;

/**
 * Serves the page over a folder of runs, which it only reads.
 * @throws CifarError when the page has not been built, or the port cannot be had
 */
export async function servePage(options: ServeOptions): Promise<PageServer> {
  const { dataset, modelsDir, dataDir, limitTest, predictionsDir, engine, everyMs = 1000 } = options;
  const page = pageFiles();
  const stream = new EventStream();
  const watch = new RunWatch(modelsDir);
  const measuring = new Measuring({ dataset, dataDir, limitTest, predictionsDir, engine }, (state) =>
    stream.send('measuring', state),
  );
  const content: SiteContent = {
    kind: 'live',
    images: new Images(dataset, dataDir, { test: Infinity, train: Infinity }),
    dataDir,
    folder: (name) => watch.folder(name),
    summaries: () => watch.summaries(),
    measures: (name) => measuring.of(name),
  };
  const look = (): void => {
    const { changed, removed, grown } = watch.look();
    if (changed.length > 0 || removed.length > 0) stream.send('runs', { changed, removed });
    for (const one of grown) stream.send('history', one);
    for (const { name } of changed) measuring.forget(name);
    for (const name of removed) measuring.forget(name);
  };
  look();
  const looking = setInterval(look, everyMs).unref();

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refused = refusal(request, options);
    if (refused !== undefined) return fail(response, 403, refused);
    const path = pathOf(request);
    if (path === undefined) return fail(response, 400, 'The address cannot be read.');
    if (request.method === 'POST') return post(path, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return fail(response, 405, 'Not done here.');
    if (path === 'events') {
      if (!stream.add(response)) fail(response, 503, 'Too many pages follow the runs: close some.');
      return;
    }
    const own = page.get(path === '' ? 'index.html' : path);
    try {
      const file = own ?? siteFile(content, path);
      if (file === undefined) fail(response, 404, 'There is no such thing here.');
      else send(request, response, file, path.startsWith('assets/'));
    } catch (error) {
      // A run that cannot be read is the user's to hear of; anything else is ours.
      fail(response, error instanceof CifarError ? 422 : 500, messageOf(error));
    }
  };
  const post = (path: string, response: ServerResponse): void => {
    const run = /^runs\/([^/]+)\/measure$/.exec(path)?.[1];
    const folder = run === undefined ? undefined : watch.folder(run);
    if (folder === undefined) return fail(response, 404, 'There is no such run.');
    if (!measuring.ask(folder)) return fail(response, 503, 'Too many runs wait to be measured.');
    response.writeHead(202).end();
  };

  const server = createServer({ maxHeaderSize: 16_384 }, answer);
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, options);
  const { port, address, family } = server.address() as AddressInfo;
  const shown = options.host === '0.0.0.0' || options.host === '::' ? 'localhost' : address;
  return {
    url: `http://${family === 'IPv6' && shown === address ? `[${shown}]` : shown}:${port}/`,
    close: async () => {
      clearInterval(looking);
      stream.close();
      measuring.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(
  server: ReturnType<typeof createServer>,
  { port, host }: Pick<ServeOptions, 'port' | 'host'>,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const why =
        codeOf(error) === 'EADDRINUSE'
          ? `port ${port} is in use: give another --port, or 0 for any that is free`
          : messageOf(error);
      reject(new CifarError(`Cannot listen at ${host}: ${why}.`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

/** The path without its first stroke, decoded once; undefined for what is none. */
function pathOf({ url = '/' }: IncomingMessage): string | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    return path.startsWith('/') ? path.slice(1) : undefined;
  } catch {
    return undefined;
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { type, body }: SiteFile,
  isForever: boolean,
): void {
  // The page's own parts are named by their content.
  const cache = isForever ? 'public, max-age=31536000, immutable' : 'no-store';
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(200, { 'content-type': type, 'content-length': length, 'cache-control': cache });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function fail(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${reason}\n`);
}
