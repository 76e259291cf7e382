import { CifarError } from '../../util/errors.js';
import type { ImageShape } from '../descriptor.js';
import type { Mixing } from '../mixing/index.js';
import type { Preparer } from './preparer.js';
import type { Slot } from './slots.js';

/** A prepared batch. Its arrays are views of shared memory that is written anew after `release`. */
export interface Batch {
  /** float32, NHWC, size × the image shape. */
  readonly images: Float32Array;
  /** Of these images: an epoch's may be smaller than the data set's. */
  readonly imageShape: ImageShape;
  /** Class of each image. */
  readonly labels: Uint8Array;
  /** Index of each image in its data set. */
  readonly indices: Uint32Array;
  /**
   * Present if image i of n was mixed with image n − 1 − i: `weight` (0…1) is that of its own label, 1 − weight that of
   * its partner's.
   */
  readonly mixing?: Pick<Mixing, 'weight'>;
  /** Gives the memory back to be filled again; the arrays must not be read any more. More calls do nothing. */
  release(): void;
}

/** A batch that is being prepared, or is ready. */
interface Started {
  readonly slot: Slot;
  readonly size: number;
  readonly mixing: Mixing | undefined;
  readonly ready: Promise<void>;
}

/** The batches of one epoch. */
interface Run {
  readonly epoch: number;
  readonly order: Uint32Array;
  /** The next batch to start, and the one to stop before. */
  nextBatch: number;
  readonly endBatch: number;
  /** Started and not yet taken, in order. */
  readonly started: Started[];
  /** Handed out and not yet released. */
  readonly held: Set<Batch>;
  isOver: boolean;
}

/** Keeps the slots of a ring filled with the batches of the runs asked for, first run first. */
export class BatchQueue {
  private readonly free: Slot[];
  private runs: Run[] = [];
  /** Slots being filled for a run that is over. */
  private abandoned = 0;
  private wake: (() => void)[] = [];
  private awaited = 0;
  private stopped: Error | undefined;

  constructor(
    private readonly preparer: Preparer,
    private readonly slots: readonly Slot[],
    private readonly batchSize: number,
    private readonly shapeOf: (epoch: number) => ImageShape,
    private readonly labels: Uint8Array,
    private readonly drawMixing: (epoch: number, step: number) => Mixing | undefined,
  ) {
    this.free = [...slots];
  }

  /** Begins a run; its batches follow those of earlier runs. Iterating it ends the earlier runs. */
  add(epoch: number, order: Uint32Array, nextBatch: number, endBatch: number): AsyncGenerator<Batch> {
    const run = { epoch, order, nextBatch, endBatch, started: [], held: new Set<Batch>(), isOver: false };
    this.runs.push(run);
    this.startAhead();
    return this.iterate(run);
  }

  /** Ends everything; whoever waits or asks later gets the reason. */
  async stop(reason: Error): Promise<void> {
    this.stopped ??= reason;
    await this.preparer.close(reason);
  }

  private async *iterate(run: Run): AsyncGenerator<Batch> {
    let isComplete = false;
    try {
      for (;;) {
        const batch = await this.take(run);
        if (!batch) break;
        yield batch;
      }
      isComplete = true;
    } finally {
      this.end(run);
      // After a break or an exception the loop's body may not have reached its release().
      if (!isComplete) for (const batch of run.held) batch.release();
    }
  }

  /** The next batch of a run, or undefined after its last. */
  private async take(run: Run): Promise<Batch | undefined> {
    for (const earlier of this.runs.slice(0, this.runs.indexOf(run))) this.end(earlier);
    for (;;) {
      this.throwIfStopped();
      if (run.isOver)
        throw new CifarError(
          `The batches of epoch ${run.epoch} ended when those of a later epoch were asked for; finish one epoch before the next.`,
        );
      const first = run.started.shift();
      if (first) {
        await this.waiting(first.ready);
        // Stopped in between, though this batch came to be ready.
        this.throwIfStopped();
        return this.handOut(run, first);
      }
      if (run.nextBatch === run.endBatch) return undefined;
      const slot = this.free.shift();
      if (slot) this.start(run, slot);
      else await this.slotFreed();
    }
  }

  private throwIfStopped(): void {
    if (this.stopped) throw this.stopped;
  }

  private handOut(run: Run, { slot, size, mixing }: Started): Batch {
    const imageShape = this.shapeOf(run.epoch);
    const [height, width, channels] = imageShape;
    const batch: Batch = {
      images: slot.images.subarray(0, size * height * width * channels),
      imageShape,
      labels: slot.labels.subarray(0, size),
      indices: slot.indices.subarray(0, size),
      ...(mixing && { mixing }),
      release: () => {
        if (run.held.delete(batch)) this.giveBack(slot);
      },
    };
    run.held.add(batch);
    return batch;
  }

  private start(run: Run, slot: Slot): void {
    const step = run.nextBatch++;
    const begin = step * this.batchSize;
    const indices = run.order.subarray(begin, begin + this.batchSize);
    slot.indices.set(indices);
    for (let k = 0; k < indices.length; k++) slot.labels[k] = this.labels[indices[k]];
    const mixing = this.drawMixing(run.epoch, step);
    const ready = this.preparer.prepare(slot, indices.length, run.epoch, mixing);
    // The run may end before anybody waits for this batch; a failure is then nobody's, and not unhandled.
    ready.catch(() => undefined);
    run.started.push({ slot, size: indices.length, mixing, ready });
  }

  private startAhead(): void {
    if (!this.preparer.runsAhead) return;
    for (const run of this.runs) {
      while (run.nextBatch < run.endBatch) {
        const slot = this.free.shift();
        if (!slot) return;
        this.start(run, slot);
      }
    }
  }

  private giveBack(slot: Slot): void {
    this.free.push(slot);
    this.startAhead();
    for (const resolve of this.wake.splice(0)) resolve();
  }

  private end(run: Run): void {
    if (run.isOver) return;
    run.isOver = true;
    this.runs = this.runs.filter((each) => each !== run);
    for (const { slot, ready } of run.started.splice(0)) {
      this.abandoned++;
      const done = (): void => {
        this.abandoned--;
        this.giveBack(slot);
      };
      ready.then(done, done);
    }
  }

  private async slotFreed(): Promise<void> {
    if (this.abandoned === 0)
      throw new CifarError(
        `All ${this.slots.length} places for batches are held by their reader; release() a batch before asking for the next.`,
      );
    await this.waiting(new Promise<void>((resolve) => this.wake.push(resolve)));
  }

  private async waiting(promise: Promise<void>): Promise<void> {
    if (this.awaited++ === 0) this.preparer.setAwaited(true);
    try {
      await promise;
    } finally {
      if (--this.awaited === 0) this.preparer.setAwaited(false);
    }
  }
}
