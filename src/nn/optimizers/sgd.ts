import type * as tf from '@tensorflow/tfjs-core';
import { sgdUpdateAll } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Slots } from './slots.js';
import { take } from './take.js';

export interface SgdOptions {
  /** In [0, 1). */
  momentum: number;
  nesterov: boolean;
  /** λ of each parameter, ≥ 0. */
  weightDecays: readonly number[];
}

/**
 * Stochastic gradient descent with momentum, in PyTorch's form:
 * g ← g + λp; b ← μb + g; p ← p − lr·(g + μb) with Nesterov, p − lr·b without.
 */
export class Sgd implements Optimizer {
  private readonly buffers: Slots;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: SgdOptions,
  ) {
    this.buffers = new Slots('momentum', parameters);
  }

  apply(gradients: readonly (tf.Tensor | null)[], rates: readonly (number | null)[]): tf.Tensor[] {
    const { momentum, nesterov, weightDecays } = this.options;
    const moves = movesOf(gradients, rates);
    const { indices } = moves;
    const updated = sgdUpdateAll(
      indices.map((index) => this.parameters[index].variable),
      indices.map((index) => this.buffers.get(index)),
      moves.gradients,
      {
        learningRates: moves.rates,
        weightDecays: indices.map((index) => weightDecays[index]),
        ...{ momentum, nesterov },
      },
    );
    return take(updated, indices, this.parameters, [this.buffers]);
  }

  state(): Map<string, tf.Tensor> {
    return new Map(this.buffers.entries());
  }

  restore(slots: ReadonlyMap<string, SavedTensor>): void {
    this.buffers.restore(slots);
  }

  dispose(): void {
    this.buffers.dispose();
  }
}
