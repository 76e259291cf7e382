import type * as tf from '@tensorflow/tfjs-core';
import { sgdUpdate } from '../../engine/ops/index.js';
import { type Optimizer, type Parameter, type SavedTensor, movesOf } from './optimizer.js';
import { Slots } from './slots.js';

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

  apply(gradients: readonly (tf.Tensor | null)[], rates: readonly (number | null)[]): void {
    const { momentum, nesterov, weightDecays } = this.options;
    for (const { index, gradient, rate } of movesOf(gradients, rates)) {
      const { variable } = this.parameters[index];
      const [parameter, buffer] = sgdUpdate(variable, this.buffers.get(index), gradient, {
        learningRate: rate,
        momentum,
        weightDecay: weightDecays[index],
        nesterov,
      });
      this.buffers.set(index, buffer);
      variable.assign(parameter);
      parameter.dispose();
    }
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
