import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter, SavedTensor } from '../optimizers/optimizer.js';
import { Slots } from '../optimizers/slots.js';
import type { WeightAverage } from './weightAverage.js';

/**
 * Averaged tail: the running average begins with the net's weights late in training; every k updates after that average ← d·average +
 * (1 − d)·net, and net ← average. Momentum is left alone.
 */
export class Tail implements WeightAverage {
  private readonly average: Slots;

  /** @param options.begin updates after which the average begins; options.every k, in updates; options.decay d, in [0, 1) */
  constructor(
    private readonly weights: readonly Pick<Parameter, 'name' | 'variable'>[],
    private readonly options: { begin: number; every: number; decay: number },
  ) {
    this.average = new Slots('tail', weights, (variable) => variable.clone());
  }

  afterStep(done: number): void {
    const { begin, every, decay } = this.options;
    if (done < begin || (done - begin) % every !== 0) return;
    this.average.average(this.weights, done === begin ? 0 : decay);
    if (done > begin) this.weights.forEach(({ variable }, i) => variable.assign(this.average.get(i)));
  }

  exchange(): void {
    // The net is judged as it stands.
  }

  finish(): void {
    // The net ends as it stands, on an average or a few updates past one.
  }

  state(): Map<string, Tensor> {
    return new Map(this.average.entries());
  }

  restore(saved: ReadonlyMap<string, SavedTensor>): void {
    this.average.restore(saved);
  }

  dispose(): void {
    this.average.dispose();
  }
}
