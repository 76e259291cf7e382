import type { Tensor } from '@tensorflow/tfjs-core';
import { reluGrad } from './ReluGrad.js';

/** Activations that the training ops fuse into the operation before them. */
export type FusedActivation = 'linear' | 'relu';

/**
 * The gradient before a fused activation.
 * @param dy gradient by the activation's output
 * @param y that output
 * @returns `dy` itself for `linear`, else a new tensor
 * @throws Error for an activation whose gradient these ops do not have
 */
export function fusedGradient<T extends Tensor>(dy: T, y: T, activation: string): T {
  switch (activation) {
    case 'linear':
      return dy;
    case 'relu':
      return reluGrad(dy, y);
    default:
      throw new Error(
        `The gradient of a fused activation is known for linear and relu, not for ${activation}; apply it as an operation of its own.`,
      );
  }
}
