import type { Worker } from 'node:worker_threads';
import { startWorker } from './worker.js';

/** A time on the clock that the watch goes by, in milliseconds; its zero means nothing. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export interface HaltWatchOptions {
  /** The watching thread notes the time this often, in milliseconds. */
  tickMs: number;
  /** A gap this long between two notes is a halt; a busy machine delays a thread that sleeps by far less. */
  haltMs: number;
}

const DEFAULTS: HaltWatchOptions = { tickMs: 1000, haltMs: 5000 };

/** What the watching thread is started with. */
export interface HaltWatchData extends HaltWatchOptions {
  times: Float64Array;
}

/** Places in the memory that both threads see: when the thread last ran, and when the last halt ended. */
export const LAST_TICK = 0;
export const HALT_END = 1;

/**
 * Notices when the whole process was halted — by SIGSTOP, a sleeping machine, a frozen container — whatever the reason:
 * a thread that has nothing to do but to note the time each second did not run either.
 */
export class HaltWatch {
  private readonly times = new Float64Array(new SharedArrayBuffer(16));
  private readonly thread: Worker;
  private readonly haltMs: number;

  constructor(options: Partial<HaltWatchOptions> = {}) {
    const workerData: HaltWatchData = { ...DEFAULTS, ...options, times: this.times };
    this.haltMs = workerData.haltMs;
    this.thread = startWorker(import.meta.url, './haltWatchThread', { workerData });
    // Without the thread nothing is known, and nothing counts as a halt.
    this.thread.on('error', () => this.times.fill(0));
    this.thread.unref();
  }

  /** @param since a time of clockMs() */
  hasHaltedSince(since: number): boolean {
    const lastTick = this.times[LAST_TICK];
    // After a halt this thread may run before the other.
    const isHaltUnnoted = lastTick > 0 && clockMs() - lastTick > this.haltMs;
    return isHaltUnnoted || this.times[HALT_END] > since;
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }
}
