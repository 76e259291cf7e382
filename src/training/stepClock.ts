import { type CpuTime, cpuTime, othersSince } from '../engine/cpuTime.js';
import { HaltWatch, clockMs } from '../util/haltWatch.js';
import type { TrainingPosition } from './position.js';

/** Adds up what training takes: the time of its steps, and what other programs use of the processor meanwhile. */
export class StepClock {
  private readonly haltWatch = new HaltWatch();
  private since = 0;
  private epochStart: { clock: number; cpu: CpuTime } = { clock: 0, cpu: { own: 0, all: 0 } };

  /** @param position advanced in place */
  constructor(private readonly position: TrainingPosition) {}

  /** To be called before an epoch's first step. */
  epochBegins(): void {
    this.since = clockMs();
    this.epochStart = { clock: this.since, cpu: cpuTime() };
  }

  /** A step on so many images is done; the time of one in which the process was halted does not count. */
  stepDone(images: number): void {
    const now = clockMs();
    if (!this.haltWatch.hasHaltedSince(this.since)) {
      this.position.epochSeconds += (now - this.since) / 1000;
      this.position.imagesTimed += images;
    }
    this.since = now;
  }

  /** The epoch's steps are done; what others used is not known when the process was halted among them. */
  epochEnds(): void {
    const { clock, cpu } = this.epochStart;
    if (this.haltWatch.hasHaltedSince(clock)) return;
    this.position.othersCpuSeconds += othersSince(cpu);
    this.position.observedSeconds += (clockMs() - clock) / 1000;
  }

  close(): Promise<void> {
    return this.haltWatch.close();
  }
}
