import type { Tensor } from '@tensorflow/tfjs-core';
import type { Parameter, SavedTensor } from '../optimizers/optimizer.js';
import { Slots } from '../optimizers/slots.js';
import type { WeightAverage } from './weightAverage.js';

/** An average that begins as the net's weights, one tensor a weight; when it takes its turn, and what the net has of it, is its kind's. */
export abstract class SlotAverage implements WeightAverage {
  protected readonly average: Slots;

  /** @param name of the tensors in a checkpoint, before the weights' own */
  constructor(
    name: string,
    protected readonly weights: readonly Pick<Parameter, 'name' | 'variable'>[],
  ) {
    this.average = new Slots(name, weights, (variable) => variable.clone());
  }

  abstract afterStep(done: number, total: number): void;

  abstract finish(): void;

  exchange(): void {
    // The net is judged as it stands.
  }

  /** Gives the net the average. */
  protected assign(): void {
    this.weights.forEach(({ variable }, i) => variable.assign(this.average.get(i)));
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
