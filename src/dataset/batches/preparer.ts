import { setImmediate } from 'node:timers/promises';
import type { Mixing } from '../mixing/index.js';
import { createPrepareBatch, type PrepareSettings } from './prepare.js';
import type { Slot } from './slots.js';

/** Who fills the slots. */
export interface Preparer {
  /** Whether it works beside the caller, so that batches can be started before they are wanted. */
  readonly runsAhead: boolean;
  /** Fills the images of a slot whose indices are set; rejects when it fails or was closed. */
  prepare(slot: Slot, size: number, epoch: number, mixing: Mixing | undefined): Promise<void>;
  /** Whether somebody waits: while nobody does, its threads must not keep the process alive. */
  setAwaited(awaited: boolean): void;
  /**
   * Ends its threads.
   * @param reason what unfinished and later work rejects with
   */
  close(reason: Error): Promise<void>;
}

/** Does the work in the caller's thread, when it is asked for. */
export function inThread(images: Uint8Array, settings: PrepareSettings): Preparer {
  const prepareBatch = createPrepareBatch(images, settings);
  let closed: Error | undefined;
  return {
    runsAhead: false,
    async prepare(slot, size, epoch, mixing) {
      // Lets signals and timers in: a loop over batches would otherwise never leave the microtask queue.
      await setImmediate();
      if (closed) throw closed;
      prepareBatch(slot, size, epoch, mixing);
    },
    setAwaited: () => undefined,
    close(reason) {
      closed ??= reason;
      return Promise.resolve();
    },
  };
}
