import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startWorker } from '../../../src/util/worker.js';

const isMapped = (): boolean => readFileSync('/proc/self/maps', 'utf8').includes('libdnnl');

// When Node or a thread of it ends, koffi closes what it opened; OpenMP's threads may be running in it.
it.skipIf(process.platform !== 'linux')('the library stays when whoever opened it ends', async () => {
  expect(isMapped()).toBe(false);
  const worker = startWorker(import.meta.url, './loadsLibrary');
  const [[isLoaded]] = await Promise.all([
    once(worker, 'message') as Promise<[boolean]>,
    once(worker, 'exit'),
  ]);
  expect(isMapped()).toBe(isLoaded);
});
