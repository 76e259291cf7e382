import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createBatchSource, type Batch } from '../../../src/dataset/batches/index.js';
import { workerPool } from '../../../src/dataset/batches/workerPool.js';
import { CifarError } from '../../../src/util/errors.js';
import { startWorker } from '../../../src/util/worker.js';
import { collect, options, order, withSource } from './helpers.js';

const iterator = (batches: AsyncIterable<Batch>) => batches[Symbol.asyncIterator]();

describe.each([0, 1])('the life of batches, with %i workers', (workers) => {
  it('is over after a break or an exception, and the ring is whole again', () =>
    withSource({ workers, ringSize: 3 }, async (source) => {
      for (let epoch = 0; epoch < 5; epoch++) {
        for await (const batch of source.batches(epoch, order)) {
          expect(batch.labels).toHaveLength(5);
          break;
        }
        const failing = async () => {
          for await (const batch of source.batches(epoch, order))
            if (batch.indices[0] === order[5]) throw new Error('from the loop');
            else batch.release();
        };
        await expect(failing()).rejects.toThrow('from the loop');
      }
      const fresh = await collect(createBatchSource(options()).batches(9, order));
      expect(await collect(source.batches(9, order))).toEqual(fresh);
    }));

  it('prepares the next epoch while the last batches are still read', () =>
    withSource({ workers }, async (source) => {
      const epochs = [];
      let next = source.batches(0, order);
      for (let epoch = 0; epoch < 4; epoch++) {
        const current = next;
        next = source.batches(epoch + 1, order);
        epochs.push(await collect(current));
      }
      const again = createBatchSource(options());
      for (let epoch = 0; epoch < 4; epoch++)
        expect(epochs[epoch]).toEqual(await collect(again.batches(epoch, order)));
    }));

  it('lets a later epoch overtake one that was never read, and ends one half read', () =>
    withSource({ workers }, async (source) => {
      source.batches(0, order);
      const half = iterator(source.batches(1, order));
      const first = await half.next();
      const later = await collect(source.batches(2, order));
      expect(later.flatMap((batch) => [...batch.indices])).toEqual([...order]);
      await expect(half.next()).rejects.toThrow(
        'The batches of epoch 1 ended when those of a later epoch were asked for',
      );
      (first.value as Batch).release();
    }));

  it('says so when its reader holds every place', () =>
    withSource({ workers, ringSize: 2 }, async (source) => {
      const batches = iterator(source.batches(0, order));
      await batches.next();
      await batches.next();
      await expect(batches.next()).rejects.toThrow(
        'All 2 places for batches are held by their reader; release() a batch before asking for the next.',
      );
    }));

  it('takes a second release as none', () =>
    withSource({ workers, ringSize: 2 }, async (source) => {
      const batches = iterator(source.batches(0, order));
      const first = (await batches.next()).value as Batch;
      first.release();
      first.release();
      const held = (await batches.next()).value as Batch;
      const copy = held.images.slice();
      const third = (await batches.next()).value as Batch;
      third.release();
      await batches.next();
      expect(held.images).toEqual(copy);
    }));

  it('ends with close: for who waits, and for who asks later', async () => {
    const source = createBatchSource(options({ workers }));
    const batches = iterator(source.batches(0, order));
    const waiting = batches.next();
    waiting.catch(() => undefined);
    await source.close();
    await expect(waiting).rejects.toThrow('The batch source was closed.');
    await expect(collect(source.batches(1, order))).rejects.toThrow(CifarError);
    await source.close();
  });

  it('ends with the signal, and with its reason', async () => {
    const controller = new AbortController();
    const source = createBatchSource(options({ workers, signal: controller.signal }));
    const batches = iterator(source.batches(0, order));
    await batches.next();
    const waiting = batches.next();
    waiting.catch(() => undefined);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(collect(source.batches(1, order))).rejects.toThrow('enough');
    expect(() => createBatchSource(options({ signal: controller.signal }))).toThrow('enough');
    await source.close();
  });
});

describe('a thread that fails', () => {
  const source = (how: 'throw' | 'exit') =>
    createBatchSource(options({ workers: 1 }), () =>
      workerPool(1, () => startWorker(import.meta.url, './fixtures/brokenWorker', { workerData: how })),
    );

  it('is reported with its error as the cause, and again', async () => {
    const broken = source('throw');
    const error: unknown = await collect(broken.batches(0, order)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CifarError);
    expect(error).toMatchObject({
      message: 'A thread that prepares batches failed: a broken pixel',
      cause: { name: 'RangeError', message: 'a broken pixel' },
    });
    await expect(collect(broken.batches(1, order))).rejects.toBe(error);
    await broken.close();
  });

  it('is reported when it ends without a word', async () => {
    const broken = source('exit');
    await expect(collect(broken.batches(0, order))).rejects.toThrow(
      'A thread that prepares batches ended unexpectedly, with exit code 3.',
    );
    await broken.close();
  });
});

describe('a process with a source', () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const program = fileURLToPath(new URL('./fixtures/process.ts', import.meta.url));

  // In another folder: the thread must find its loader from anywhere.
  it.each([
    ['forget', 'is not kept alive by one that is forgotten', 0],
    ['all', 'stays alive while it waits for a batch', 10],
    ['break', 'is not kept alive by batches that were left', 4],
    ['close', 'lives until the source is closed', 0],
  ])('%s: %s', async (what, _, seen) => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--import', tsx, program, what], {
      cwd: tmpdir(),
      timeout: 30_000,
    });
    expect(stdout).toBe(`seen ${seen}`);
  });
});
