import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** A plain server of files that knows nothing of ours, below a path of its own. */
export async function serveFolder(
  folder: string,
  below: string,
): Promise<{ url: string; missed: string[]; close(): void }> {
  const missed: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0]);
    const name = path === below ? 'index.html' : normalize(path).slice(below.length);
    const file = join(folder, name);
    if (!path.startsWith(below) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      missed.push(path);
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${below}`,
    missed,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
