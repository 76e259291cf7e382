import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { Measures, RunDetail, RunSummary, SiteInfo } from '../../src/report/types.js';
import { MOST_STREAMS } from '../../src/serve/eventStream.js';
import { type PageServer, servePage } from '../../src/serve/server.js';
import { DATA_DIR, lastingFolder } from '../helpers/folders.js';
import { addEpoch, plainRun } from '../helpers/plainRuns.js';

const MARKUP = '<script>alert(1)</script>'.replace('/', '\u2215');

const models = lastingFolder();
let server: PageServer;

beforeAll(async () => {
  plainRun(models, 'plain');
  plainRun(models, MARKUP, { config: { ...plainConfig(), model: 'bench', augment: 'normal' } });
  writeFileSync(join(plainRun(models, 'broken'), 'run.json'), '{"status": "fin');
  writeFileSync(join(plainRun(models, 'odd'), 'history.jsonl'), '{"epoch": "<b>zero</b>"}\n');
  const huge = plainRun(models, 'huge');
  truncateSync(join(huge, 'history.jsonl'), 2 ** 30);
  mkdirSync(join(models, 'begun'));
  writeFileSync(join(models, 'begun', 'owner.json'), '{}');
  // What a model's folder may not lead to.
  const last = join(models, 'plain', 'last');
  mkdirSync(last);
  writeFileSync(join(last, 'model.json'), '{"format": "layers-model"}');
  symlinkSync('/etc/passwd', join(last, 'leak.bin'));
  writeFileSync(join(models, 'secret.txt'), 'secret');
  server = await servePage({
    ...{
      dataset: CIFAR10,
      modelsDir: models,
      dataDir: DATA_DIR,
      limitTest: 0,
      predictionsDir: join(models, 'predictions'),
    },
    ...{ engine: { backend: 'wasm', precision: 'auto', threads: 0 }, host: '127.0.0.1', port: 0 },
    ...{ hostNames: ['lab.example'], everyMs: 20 },
  });
}, 30_000);

afterAll(() => server.close());

function plainConfig(): object {
  return { recipe: 'none', model: 'fast-proxy', augment: 'fast', epochs: 2 };
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A request as it is written, without what fetch would correct. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function json<T>(path: string): Promise<T> {
  const { status, body } = await ask(path);
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(body.toString()) as T;
}

describe('the server of the page', () => {
  it('gives the page, under a policy that lets it speak to nobody else', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body.toString()).toContain('<div id="app">');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    // The same within the page, for wherever else it is opened from.
    expect(body.toString().replaceAll('&#39;', "'")).toContain(
      `<meta http-equiv="content-security-policy" content="${policy.replace("; frame-ancestors 'none'", '')}">`,
    );
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    const [script] = /assets\/[\w.-]+\.js/.exec(body.toString()) ?? [];
    expect((await ask(`/${script}`)).headers['content-type']).toMatch(/^text\/javascript/);
  });

  it('lists runs, and says which cannot be read and why', async () => {
    const runs = await json<RunSummary[]>('/runs.json');
    const of = (name: string): RunSummary | undefined => runs.find((run) => run.name === name);
    expect(of('plain')).toMatchObject({ status: 'finished', epochsTrained: 2, model: 'last' });
    expect(of(MARKUP)).toMatchObject({ title: 'bench, normal' });
    expect(of('broken')).toMatchObject({ problem: expect.stringMatching(/run\.json/) as string });
    expect(of('begun')).toMatchObject({ problem: expect.stringMatching(/run\.json/) as string });
    expect(of('huge')).toMatchObject({ problem: expect.stringMatching(/1024 MiB/) as string });
    expect(of('cifar10-fast96')).toMatchObject({ accuracy: 0.9557 });
  });

  it('gives a run’s detail, the site and images', async () => {
    const detail = await json<RunDetail>('/runs/plain/detail.json');
    expect(detail.history.map(({ epochsTrained }) => epochsTrained)).toEqual([1, 2]);
    expect(detail.options.filter(({ isOwn }) => isOwn).map(({ name }) => name)).toContain('model');
    const site = await json<SiteInfo>('/site.json');
    expect(site).toMatchObject({ kind: 'live', images: { test: 10_000, train: 50_000 } });
    expect((await ask('/images/test/99.bin')).body.length).toBe(100 * 3072);
    expect((await ask('/labels/test.bin')).body.length).toBe(10_000);
    expect(await json<Measures | null>('/runs/plain/measures.json')).toBeNull();
  });

  it.each([
    ['/images/test/100.bin', 404],
    ['/images/other/0.bin', 404],
    ['/images/test/-1.bin', 404],
    ['/images/test/0.bin/..', 404],
    ['/runs/nobody/detail.json', 404],
    ['/runs/broken/detail.json', 422],
    ['/runs/odd/detail.json', 422],
    ['/runs/huge/detail.json', 422],
    ['/../secret.txt', 404],
    ['/..%2fsecret.txt', 404],
    ['/runs/..%2f..%2fsecret.txt', 404],
    ['/runs/../secret.txt', 404],
    ['/runs/plain/last/..%2frun.json', 404],
    ['/runs/plain/last/%2e%2e/run.json', 404],
    ['/runs/plain/last/leak.bin', 404],
    ['/runs/plain/checkpoint.safetensors', 404],
    ['/runs/constructor/detail.json', 404],
    ['/%E0%A4%A', 400],
    ['/%00', 404],
  ])('answers %s with %i', async (path, status) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).not.toMatch(/secret|root:/);
  });

  it('takes names for text', async () => {
    const encoded = encodeURIComponent(MARKUP);
    const detail = await json<RunDetail>(`/runs/${encoded}/detail.json`);
    expect(detail.run.name).toBe(MARKUP);
    const { headers, body } = await ask('/runs/odd/detail.json');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body.toString()).toContain('line 1');
  });

  it.each<[string, Record<string, string>, number]>([
    ['another name', { host: 'evil.example' }, 403],
    ['another name that has ours in it', { host: 'localhost.evil.example' }, 403],
    ['a name that was allowed', { host: 'lab.example:80' }, 200],
    ['a number', { host: '192.168.1.7:8080' }, 200],
    ['another site', { origin: 'https://evil.example' }, 403],
    ['no site at all', { origin: 'null' }, 403],
    ['another site’s script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['a link on another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ])('under %s answers as it should', async (_what, headers, status) => {
    expect((await ask('/runs.json', headers)).status).toBe(status);
  });

  it('measures for nobody but its own page', async () => {
    const own = new URL(server.url).origin;
    expect((await ask('/runs/plain/measure', {}, 'POST')).status).toBe(403);
    expect((await ask('/runs/plain/measure', { origin: 'https://evil.example' }, 'POST')).status).toBe(403);
    expect((await ask('/runs/nobody/measure', { origin: own }, 'POST')).status).toBe(404);
    expect((await ask('/runs/plain/detail.json', { origin: own }, 'DELETE')).status).toBe(405);
  });

  it('says why a run cannot be measured, and answers meanwhile', async () => {
    const origin = new URL(server.url).origin;
    const stream = follow();
    await stream.until('hello');
    expect((await ask('/runs/plain/measure', { origin }, 'POST')).status).toBe(202);
    expect((await ask('/runs.json')).status).toBe(200);
    const failed = await stream.until('measuring', ({ state }) => state === 'failed');
    expect(failed.reason).toMatch(/model\.json/);
    stream.end();
  });

  it('tells of runs that begin, grow and go', async () => {
    const stream = follow();
    await stream.until('hello');
    const folder = plainRun(models, 'growing', { epochs: 1, status: 'running' });
    await stream.until('runs', ({ changed }) => changed.some(({ name }) => name === 'growing'));
    // As if this process trained there.
    const { Owner } = await import('../../src/runs/owner.js');
    const owner = Owner.acquire(folder);
    await stream.until('runs', ({ changed }) =>
      changed.some((run) => 'status' in run && run.status === 'running'),
    );
    addEpoch(folder, 1);
    const hasSecond = ({ epochs }: Events['history']): boolean => epochs.some(({ epoch }) => epoch === 1);
    const grown = await stream.until('history', hasSecond);
    expect(grown.run).toBe('growing');
    // The first message of a run that comes to be trained is its whole history.
    expect(grown.epochs[0].epoch).toBe(grown.from);
    owner.release();
    await stream.until('runs', ({ changed }) =>
      changed.some((run) => 'status' in run && run.status === 'killed'),
    );
    const { rmSync } = await import('node:fs');
    rmSync(folder, { recursive: true });
    await stream.until('runs', ({ removed }) => removed.includes('growing'));
    stream.end();
  });

  it('bears a thousand readers who want all at once', async () => {
    const streams: ClientRequest[] = [];
    const { hostname, port } = new URL(server.url);
    const statuses = await Promise.all(
      Array.from(
        { length: 1000 },
        () =>
          new Promise<number>((resolve) => {
            const asked = request({ hostname, port, path: '/events', agent: false }, (response) => {
              response.on('error', () => undefined).resume();
              resolve(response.statusCode ?? 0);
            });
            asked.on('error', () => resolve(0)).end();
            streams.push(asked);
          }),
      ),
    );
    expect(statuses.filter((status) => status === 200).length).toBe(MOST_STREAMS);
    for (const stream of streams) stream.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Whoever comes after them is served.
    expect((await ask('/runs.json')).status).toBe(200);
    const stream = follow();
    await stream.until('hello');
    stream.end();
  });
});

interface Events {
  hello: object;
  runs: { changed: RunSummary[]; removed: string[] };
  history: { run: string; from: number; epochs: { epoch: number }[] };
  measuring: { run: string; state: string; reason?: string };
}

/** A reader of the stream of events. */
function follow(): {
  until<K extends keyof Events>(kind: K, is?: (data: Events[K]) => boolean): Promise<Events[K]>;
  end(): void;
} {
  const { hostname, port } = new URL(server.url);
  const events: { kind: string; data: unknown }[] = [];
  let text = '';
  const asked = request({ hostname, port, path: '/events', agent: false }, (response) => {
    response.on('error', () => undefined);
    response.on('data', (part: Buffer) => {
      text += part.toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const kind = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (kind !== undefined && data !== undefined)
          events.push({ kind, data: JSON.parse(data) as unknown });
      }
    });
  });
  asked.on('error', () => undefined).end();
  return {
    until: async (kind, is = () => true) => {
      for (const end = Date.now() + 20_000; Date.now() < end;) {
        const found = events.find((event) => event.kind === kind && is(event.data as never));
        if (found !== undefined) {
          events.splice(0, events.indexOf(found) + 1);
          return found.data as never;
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`No event ${kind} came; those that did: ${JSON.stringify(events)}`);
    },
    end: () => asked.destroy(),
  };
}
