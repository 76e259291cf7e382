import type * as tf from '@tensorflow/tfjs-core';
import { adamUpdateAll } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Slots } from './slots.js';
import { take } from './take.js';

/**
 * Adam (Kingma & Ba 2015) in Keras's form: the bias corrections are folded into the rate,
 * lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ), and ε is added to the uncorrected √v. With decays it is AdamW (Loshchilov & Hutter 2019): p ← (1 − lr·λ)·p before
 * the step, lr without the corrections.
 */
export class Adam implements Optimizer {
  private readonly mean: Slots;
  private readonly meanSquare: Slots;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: {
      beta1: number;
      beta2: number;
      epsilon: number;
      /** λ of each parameter, ≥ 0; default: 0. */
      weightDecays?: readonly number[];
    },
  ) {
    this.mean = new Slots('m', parameters);
    this.meanSquare = new Slots('v', parameters);
  }

  apply(
    gradients: readonly (tf.Tensor | null)[],
    rates: readonly (number | null)[],
    step: number,
  ): tf.Tensor[] {
    const { beta1, beta2, epsilon, weightDecays } = this.options;
    const t = step + 1;
    const correction = Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t);
    const moves = movesOf(gradients, rates);
    const { indices } = moves;
    const updated = adamUpdateAll(
      indices.map((index) => this.parameters[index].variable),
      indices.map((index) => this.mean.get(index)),
      indices.map((index) => this.meanSquare.get(index)),
      moves.gradients,
      {
        ...{ learningRates: moves.rates.map((rate) => rate * correction), beta1, beta2, epsilon },
        kept: moves.rates.map((rate, i) => 1 - rate * (weightDecays?.[indices[i]] ?? 0)),
      },
    );
    return take(updated, indices, this.parameters, [this.mean, this.meanSquare]);
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
