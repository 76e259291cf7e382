import type * as tf from '@tensorflow/tfjs-core';
import { adamUpdate } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Slots } from './slots.js';

/**
 * Adam (Kingma & Ba 2015) in Keras's form: the bias corrections are folded into the rate,
 * lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ), and ε is added to the uncorrected √v.
 */
export class Adam implements Optimizer {
  private readonly mean: Slots;
  private readonly meanSquare: Slots;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: { beta1: number; beta2: number; epsilon: number },
  ) {
    this.mean = new Slots('m', parameters);
    this.meanSquare = new Slots('v', parameters);
  }

  apply(gradients: readonly (tf.Tensor | null)[], rates: readonly (number | null)[], step: number): void {
    const { beta1, beta2, epsilon } = this.options;
    const t = step + 1;
    const correction = Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t);
    for (const { index, gradient, rate } of movesOf(gradients, rates)) {
      const { variable } = this.parameters[index];
      const [parameter, mean, meanSquare] = adamUpdate(
        variable,
        this.mean.get(index),
        this.meanSquare.get(index),
        gradient,
        { learningRate: rate * correction, beta1, beta2, epsilon },
      );
      this.mean.set(index, mean);
      this.meanSquare.set(index, meanSquare);
      variable.assign(parameter);
      parameter.dispose();
    }
  }

  state(): Map<string, tf.Tensor> {
    return new Map([...this.mean.entries(), ...this.meanSquare.entries()]);
  }

  restore(slots: ReadonlyMap<string, SavedTensor>): void {
    this.mean.restore(slots);
    this.meanSquare.restore(slots);
  }

  dispose(): void {
    this.mean.dispose();
    this.meanSquare.dispose();
  }
}
