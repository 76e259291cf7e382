import { type Server, type ServerResponse, createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchBytes } from '../../src/pictures/fetchBytes.js';

const to = (location: string) => (r: ServerResponse) => void r.writeHead(302, { location }).end();

/** What a server may do, by path. */
const ANSWERS: Readonly<Record<string, (r: ServerResponse) => void>> = {
  '/whole': (r) => void r.end(Buffer.alloc(1000, 7)),
  '/there': to('/whole'),
  '/file': to('file:///etc/passwd'),
  '/data': to('data:image/png;base64,AAAA'),
  '/circle': to('/circle'),
  '/nowhere': (r) => void r.writeHead(302).end(),
  '/longer': (r) => {
    r.writeHead(200, { 'content-length': '5000' });
    r.write(Buffer.alloc(100));
    setTimeout(() => r.destroy(), 20);
  },
  '/endless': (r) => {
    const more = (): void => {
      while (!r.destroyed && r.write(Buffer.alloc(65536)));
      if (!r.destroyed) r.once('drain', more);
    };
    more();
  },
  '/slow': (r) => {
    const timer = setInterval(() => r.write('x'), 50);
    r.on('close', () => clearInterval(timer));
  },
  '/missing': (r) => void r.writeHead(404).end('no'),
};

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => ANSWERS[request.url ?? '/missing'](response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('fetchBytes', () => {
  const limits = { bytes: 2 ** 20, ms: 1000 };

  it.each(['/whole', '/there'])('gives what is at %s', async (path) => {
    expect(await fetchBytes(base + path, undefined, limits)).toEqual(Buffer.alloc(1000, 7));
  });

  it.each([
    ['/file', /begin with http: or https:, and "file:", to which it leads/],
    ['/data', /"data:", to which it leads/],
    ['/circle', /leads on more than 5 times/],
    ['/nowhere', /leads on, and does not say where/],
    ['/longer', /cannot be fetched/],
    ['/endless', /more than 1 MiB/],
    ['/slow', /had not come whole after 1 s/],
    ['/missing', /answered with status 404/],
  ])('refuses %s in time', async (path, reason) => {
    const start = performance.now();
    await expect(fetchBytes(base + path, undefined, limits)).rejects.toThrow(reason);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it.each([
    ['ftp://127.0.0.1/x', /"ftp:" is neither/],
    ['http://', /is no address/],
    ['http://127.0.0.1:1/x', /cannot be fetched .*ECONNREFUSED/],
  ])('refuses %s', async (address, reason) => {
    await expect(fetchBytes(address, undefined, limits)).rejects.toThrow(reason);
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(fetchBytes(`${base}/slow`, controller.signal)).rejects.toThrow('enough');
  });
});
