import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { startWorker } from '../../src/util/worker.js';
import { temporaryFolder } from '../helpers/folders.js';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

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
