import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter, SavedTensor } from '../optimizers/optimizer.js';
import { Slots } from '../optimizers/slots.js';
import type { WeightAverage } from './weightAverage.js';

/**
 * Lookahead (Zhang et al. 2019) in Jordan's form of 2024: every k updates slow ← α·slow + (1 − α)·net, then net ← slow, with
 * α = decay^k·(t/T)³ at update t of T. Momentum is left alone; at the end the net takes the slow weights.
 */
export class Lookahead implements WeightAverage {
  private readonly slow: Slots;

  /** @param options.every k, in updates; options.decay in [0, 1), an update's share of the past at the end of training */
  constructor(
    private readonly weights: readonly Pick<Parameter, 'name' | 'variable'>[],
    private readonly options: { every: number; decay: number },
  ) {
    this.slow = new Slots('lookahead', weights, (variable) => variable.clone());
  }

  afterStep(done: number, total: number): void {
    const { every, decay } = this.options;
    if (done % every !== 0) return;
    const alpha = decay ** every * (done / total) ** 3;
    this.slow.average(this.weights, alpha);
    this.finish();
  }

  exchange(): void {
    // The net is judged as it stands.
  }

  finish(): void {
    this.weights.forEach(({ variable }, i) => variable.assign(this.slow.get(i)));
  }

  state(): Map<string, Tensor> {
    return new Map(this.slow.entries());
  }

  restore(saved: ReadonlyMap<string, SavedTensor>): void {
    this.slow.restore(saved);
  }

  dispose(): void {
    this.slow.dispose();
  }
}
