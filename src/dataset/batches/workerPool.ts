import type { Worker } from 'node:worker_threads';
import { CifarError, messageOf } from '../../util/errors.js';
import type { BatchJob } from './batchWorker.js';
import type { Preparer } from './preparer.js';

interface Pending {
  readonly worker: Worker;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Shares batches among threads that write them straight into the slots. Each batch goes to the thread with the fewest
 * before it. The first thread that fails takes the pool with it: all that was asked and will be asked rejects.
 * @param count of threads, at least 1
 * @param start starts one thread that answers each `BatchJob` with its slot's number
 */
export function workerPool(count: number, start: () => Worker): Preparer {
  const workers = Array.from({ length: count }, start);
  const loads = new Map(workers.map((worker) => [worker, 0]));
  const pending = new Map<number, Pending>();
  let failure: Error | undefined;

  const fail = (error: Error): void => {
    // The exit that follows an error tells nothing new.
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
  };

  const settle = (slot: number): void => {
    const job = pending.get(slot);
    if (!job) return;
    pending.delete(slot);
    loads.set(job.worker, (loads.get(job.worker) ?? 0) - 1);
    job.resolve();
  };

  for (const worker of workers) {
    worker.on('message', settle);
    worker.on('error', (error) =>
      fail(new CifarError(`A thread that prepares batches failed: ${messageOf(error)}`, { cause: error })),
    );
    worker.on('exit', (code) => {
      fail(new CifarError(`A thread that prepares batches ended unexpectedly, with exit code ${code}.`));
    });
    // After the listeners: adding one for messages holds the process again.
    worker.unref();
  }

  return {
    runsAhead: true,
    prepare: (slot, size, epoch, mixing) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const worker = workers.reduce((best, each) =>
          (loads.get(each) ?? 0) < (loads.get(best) ?? 0) ? each : best,
        );
        loads.set(worker, (loads.get(worker) ?? 0) + 1);
        pending.set(slot.number, { worker, resolve, reject });
        worker.postMessage({ slot: slot.number, size, epoch, mixing } satisfies BatchJob);
      }),
    setAwaited(awaited) {
      for (const worker of workers) {
        if (awaited) worker.ref();
        else worker.unref();
      }
    },
    async close(reason) {
      fail(reason);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
