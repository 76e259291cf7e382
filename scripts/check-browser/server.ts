import { createReadStream } from 'node:fs';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/** Why a page could not do what it is for. */
export interface Failed {
  error?: string;
}

export interface PageServer<Answer extends Failed> {
  url: string;
  /** What the page found, or why it could not. */
  answer: Promise<Answer | Failed>;
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves the page, tfjs's own files and a model's folder on the loopback interface, and waits for the page's answer.
 * @param folders what is served: path prefix → folder
 * @param bytes what is served from memory: path → bytes
 */
export async function servePage<Answer extends Failed>(
  page: string,
  folders: Readonly<Record<string, string>>,
  bytes: Readonly<Record<string, Uint8Array>>,
): Promise<PageServer<Answer>> {
  let settle: (answer: Answer | Failed) => void = () => undefined;
  const answer = new Promise<Answer | Failed>((resolve) => (settle = resolve));
  const fileOf = (path: string): string | undefined => {
    if (path === '/') return page;
    // A URL's path has no "..": it is resolved already.
    const prefix = Object.keys(folders).find((each) => path.startsWith(each));
    return prefix === undefined ? undefined : join(folders[prefix], path.slice(prefix.length));
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST') {
      textOf(request)
        .then((text) => settle(JSON.parse(text) as Answer))
        .catch((error: unknown) => settle({ error: `The page's answer is not JSON: ${String(error)}` }))
        .finally(() => response.end());
      return;
    }
    if (path === '/hold') {
      // A page counts as loaded, and its picture is taken, when it has answered.
      void answer.then(() => setTimeout(() => response.writeHead(204).end(), 500));
      return;
    }
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
    if (Object.hasOwn(bytes, path)) {
      response.end(bytes[path]);
      return;
    }
    const file = fileOf(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    answer,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
