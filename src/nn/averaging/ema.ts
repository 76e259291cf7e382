import type { Parameter } from '../optimizers/optimizer.js';
import { SlotAverage } from './slotAverage.js';

/**
 * Exponential moving average of the weights: after each update average ← d·average + (1 − d)·net. Training goes on from the
 * net's own weights; the average is what is judged and saved. Early on d is (1 + t)/(10 + t) where that is
 * lower, so that the first weights are soon forgotten (as in TensorFlow's ExponentialMovingAverage).
 */
export class Ema extends SlotAverage {
  /** @param decay d, in (0, 1) */
  constructor(
    weights: readonly Pick<Parameter, 'name' | 'variable'>[],
    private readonly decay: number,
  ) {
    super('ema', weights);
  }

  override afterStep(done: number): void {
    const decay = Math.min(this.decay, (1 + done) / (10 + done));
    this.average.average(this.weights, decay);
  }

  override exchange(): void {
    this.weights.forEach(({ variable }, i) => {
      const own = variable.clone();
      variable.assign(this.average.get(i));
      this.average.set(i, own);
    });
  }

  override finish(): void {
    // The net keeps its own weights, so that training can go on from them.
  }
}
