import type { Parameter } from '../optimizers/optimizer.js';
import { SlotAverage } from './slotAverage.js';

/**
 * Lookahead (Zhang et al. 2019) in Jordan's form of 2024: every k updates slow ← α·slow + (1 − α)·net, then net ← slow, with
 * α = decay^k·(t/T)³ at update t of T. Momentum is left alone; at the end the net takes the slow weights.
 */
export class Lookahead extends SlotAverage {
  /** @param options.every k, in updates; options.decay in [0, 1), an update's share of the past at the end of training */
  constructor(
    weights: readonly Pick<Parameter, 'name' | 'variable'>[],
    private readonly options: { every: number; decay: number },
  ) {
    super('lookahead', weights);
  }

  override afterStep(done: number, total: number): void {
    const { every, decay } = this.options;
    if (done % every !== 0) return;
    const alpha = decay ** every * (done / total) ** 3;
    this.average.average(this.weights, alpha);
    this.finish();
  }

  override finish(): void {
    this.assign();
  }
}
