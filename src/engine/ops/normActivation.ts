import { backend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { gelu } from './Gelu.js';
import { silu } from './Silu.js';

/** What may follow a batch normalisation in its kernel, by tfjs's names. */
export type NormActivation = 'linear' | 'gelu' | 'swish';

/** A backend some of whose batch normalisations, forward and backward, include the activation behind them. */
export interface FusingBackend {
  /** @param x the normalisation's input */
  fusesNormActivation: (x: Tensor) => boolean;
}

/** Whether the current backend does. */
export function fusesNormActivation(x: Tensor): boolean {
  const current = backend() as Partial<FusingBackend>;
  return current.fusesNormActivation?.(x) ?? false;
}

/** Activations that are a kernel of their own each way, by tfjs's names. */
export const ACTIVATION_KERNELS = { gelu, swish: silu } as const;
