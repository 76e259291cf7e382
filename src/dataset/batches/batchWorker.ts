import { parentPort, workerData } from 'node:worker_threads';
import type { Mixing } from '../mixing/index.js';
import { createPrepareBatch, type PrepareSettings } from './prepare.js';
import type { Slot } from './slots.js';

/** What a thread is started with; the arrays lie in shared memory. */
export interface BatchWorkerData {
  readonly images: Uint8Array;
  readonly slots: readonly Slot[];
  readonly settings: PrepareSettings;
}

/** One batch to prepare. The answer is the slot's number; a failure ends the thread. */
export interface BatchJob {
  readonly slot: number;
  readonly size: number;
  readonly epoch: number;
  readonly mixing: Mixing | undefined;
}

const port = parentPort;
if (!port) throw new Error('batchWorker must be started as a thread');
const { images, slots, settings } = workerData as BatchWorkerData;
const prepareBatch = createPrepareBatch(images, settings);

port.on('message', ({ slot, size, epoch, mixing }: BatchJob) => {
  prepareBatch(slots[slot], size, epoch, mixing);
  port.postMessage(slot);
});
