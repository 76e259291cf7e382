import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorker } from '../../src/util/worker.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cifar-worker-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('startWorker', () => {
  it('starts built JavaScript when the caller is built', async () => {
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(
      join(folder, 'thread.js'),
      "import { parentPort, workerData } from 'node:worker_threads';\nparentPort.postMessage(workerData + 1);\n",
    );
    const base = pathToFileURL(join(folder, 'caller.js')).href;
    const worker = startWorker(base, './thread', { workerData: 41 });
    expect(await once(worker, 'message')).toEqual([42]);
    await worker.terminate();
  });

  it('starts TypeScript when the caller is source', async () => {
    const worker = startWorker(import.meta.url, './fixtures/echoWorker', { workerData: 41 });
    expect(await once(worker, 'message')).toEqual([42]);
    await worker.terminate();
  });
});
