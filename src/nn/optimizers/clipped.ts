import { add, addN, div, maximum, mul, sqrt, square, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer, SavedTensor } from './optimizer.js';

/**
 * An optimizer whose gradients are shortened first, all by one factor, where the norm of all of them together is above a limit (Pascanu et al.
 * 2013): g ← g·limit/max(‖g‖, limit). The norm never leaves the device.
 */
export class Clipped implements Optimizer {
  /** @param limit of the norm, above 0 */
  constructor(
    private readonly optimizer: Optimizer,
    private readonly limit: number,
  ) {}

  apply(gradients: readonly (Tensor | null)[], rates: readonly (number | null)[], step: number): Tensor[] {
    const given = gradients.filter((gradient) => gradient !== null);
    if (given.length === 0) return this.optimizer.apply(gradients, rates, step);
    const factor = tidy(() => this.factor(given));
    const clipped = gradients.map((gradient) => gradient && mul(gradient, factor));
    try {
      return this.optimizer.apply(clipped, rates, step);
    } finally {
      for (const tensor of [factor, ...clipped]) tensor?.dispose();
    }
  }

  private factor(gradients: readonly Tensor[]): Scalar {
    const squares = gradients.map((gradient) => sum<Scalar>(square(gradient)));
    const norm = sqrt(addN(squares));
    // Where the norm is not a number the factor must not be one either: of NaN some engines' maximum takes the other.
    return add(div<Scalar>(this.limit, maximum(norm, this.limit)), mul(norm, 0));
  }

  state(): Map<string, Tensor> {
    return this.optimizer.state();
  }

  restore(slots: ReadonlyMap<string, SavedTensor>): void {
    this.optimizer.restore(slots);
  }

  dispose(): void {
    this.optimizer.dispose();
  }
}
