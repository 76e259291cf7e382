import type { MeasuringState, Measures } from '../report/types.js';
import type { RunFolder } from '../runs/runFolder.js';
import { startProcess } from '../util/worker.js';
import type { MeasureAnswer, MeasureOrder } from './measureProcess.js';

/** Measurements that are kept, each half a megabyte: the latest ones. */
const MOST_KEPT = 50;
/** Runs that may wait at once. */
const MOST_WAITING = 20;

/** Measures runs one after the other, each in a process of its own, and keeps what came of it in memory. */
export class Measuring {
  private readonly measured = new Map<string, Measures>();
  private readonly waiting: RunFolder[] = [];
  private current: { folder: RunFolder; stop: () => void } | undefined;

  constructor(
    private readonly order: Omit<MeasureOrder, 'run'>,
    private readonly tell: (state: MeasuringState) => void,
  ) {}

  /** What has been measured of a run. */
  of(run: string): Measures | undefined {
    return this.measured.get(run);
  }

  /** Forgets what was measured of a model that has changed. */
  forget(run: string): void {
    this.measured.delete(run);
  }

  /** @returns false when too many wait already */
  ask(folder: RunFolder): boolean {
    const isAsked = [this.current?.folder, ...this.waiting].some((one) => one?.name === folder.name);
    if (isAsked) return true;
    if (this.waiting.length >= MOST_WAITING) return false;
    this.waiting.push(folder);
    this.tell({ run: folder.name, state: 'waiting' });
    this.next();
    return true;
  }

  close(): void {
    this.waiting.length = 0;
    this.current?.stop();
  }

  private next(): void {
    if (this.current !== undefined) return;
    const folder = this.waiting.shift();
    if (folder === undefined) return;
    this.tell({ run: folder.name, state: 'measuring' });
    const { answer, stop } = measureApart({ ...this.order, run: folder.path });
    this.current = { folder, stop };
    void answer.then((result) => {
      this.current = undefined;
      if ('measures' in result) {
        this.measured.set(folder.name, result.measures);
        const [oldest] = this.measured.keys();
        if (this.measured.size > MOST_KEPT) this.measured.delete(oldest);
        this.tell({ run: folder.name, state: 'done' });
      } else this.tell({ run: folder.name, state: 'failed', reason: result.reason });
      this.next();
    });
  }
}

function measureApart(order: MeasureOrder): { answer: Promise<MeasureAnswer>; stop: () => void } {
  const child = startProcess(import.meta.url, './measureProcess', {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = new Promise<MeasureAnswer>((resolve) => {
    child.once('message', (message) => resolve(message as MeasureAnswer));
    child.once('error', (error) => resolve({ reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ reason: `The measuring process ended (${signal ?? `exit code ${code}`}).` }),
    );
  });
  child.send(order);
  return { answer, stop: () => child.kill() };
}
