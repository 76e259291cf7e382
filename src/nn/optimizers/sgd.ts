import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer, Parameter, SavedTensor } from './optimizer.js';
import { Slots } from './slots.js';

/**
 * Stochastic gradient descent with momentum, in PyTorch's form:
 * g ← g + λp; b ← μb + g; p ← p − lr·(g + μb) with Nesterov, p − lr·b without.
 */
export class Sgd implements Optimizer {
  private readonly momentum: Slots;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: { momentum: number; nesterov: boolean; weightDecay: number },
  ) {
    this.momentum = new Slots('momentum', parameters);
  }

  apply(gradients: readonly tf.Tensor[], learningRate: number): void {
    const { momentum, nesterov, weightDecay } = this.options;
    this.parameters.forEach(({ variable, decays }, i) => {
      const [parameter, buffer]: tf.Tensor[] = tf.tidy(() => {
        const gradient =
          decays && weightDecay > 0 ? tf.add(gradients[i], tf.mul(variable, weightDecay)) : gradients[i];
        const next = tf.add(tf.mul(this.momentum.get(i), momentum), gradient);
        const direction = nesterov ? tf.add(gradient, tf.mul(next, momentum)) : next;
        return [tf.sub(variable, tf.mul(direction, learningRate)), next];
      });
      this.momentum.set(i, buffer);
      variable.assign(parameter);
      parameter.dispose();
    });
  }

  state(): Map<string, tf.Tensor> {
    return new Map(this.momentum.entries());
  }

  restore(slots: ReadonlyMap<string, SavedTensor>): void {
    this.momentum.restore(slots);
  }

  dispose(): void {
    this.momentum.dispose();
  }
}
