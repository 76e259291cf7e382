import type { Tensor } from '@tensorflow/tfjs-core';
import type { SavedTensor } from '../optimizers/optimizer.js';

/** A running average of a net's weights, batch normalisation's statistics included; holds its tensors. */
export interface WeightAverage {
  /**
   * To be called after each update.
   * @param done updates made, of `total` in all
   */
  afterStep(done: number, total: number): void;
  /** Exchanges the net's weights for those to be judged and saved, and on the next call back again. */
  exchange(): void;
  /** Ends training: what the average makes of the net's weights for good. */
  finish(): void;
  /** The tensors by name; they stay the average's. */
  state(): Map<string, Tensor>;
  /** Replaces the tensors; every name of state() must be there, of the same shape. */
  restore(saved: ReadonlyMap<string, SavedTensor>): void;
  dispose(): void;
}
