import type { Parameter } from '../optimizers/optimizer.js';
import { SlotAverage } from './slotAverage.js';

/**
 * Averaged tail: the running average begins with the net's weights late in training; every k updates after that average ← d·average +
 * (1 − d)·net, and net ← average. Momentum is left alone.
 */
export class Tail extends SlotAverage {
  /** @param options.begin updates after which the average begins; options.every k, in updates; options.decay d, in [0, 1) */
  constructor(
    weights: readonly Pick<Parameter, 'name' | 'variable'>[],
    private readonly options: { begin: number; every: number; decay: number },
  ) {
    super('tail', weights);
  }

  override afterStep(done: number): void {
    const { begin, every, decay } = this.options;
    if (done < begin || (done - begin) % every !== 0) return;
    this.average.average(this.weights, done === begin ? 0 : decay);
    if (done > begin) this.assign();
  }

  override finish(): void {
    // The net ends as it stands, on an average or a few updates past one.
  }
}
