import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { ACTIVATION_KERNELS } from '../../engine/ops/index.js';
import { isActivated } from './activatedAlready.js';
import { onlyTensor, stockClass } from './stock.js';
import type { CallOptions, NamedActivation } from './stock.js';

export type ActivationArgs = Parameters<typeof layers.activation>[0];

interface StockFields {
  activation: NamedActivation;
}

const KERNELS: Readonly<Record<string, (x: Tensor) => Tensor>> = ACTIVATION_KERNELS;

const StockActivation = stockClass<ActivationArgs, StockFields>(layers.activation({ activation: 'linear' }));

/** tfjs-layers' Activation; `gelu` (the exact one, by the error function) and `swish` (SiLU) are one kernel each way. */
export class Activation extends StockActivation {
  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const kernel = KERNELS[this.activation.getClassName()] as ((x: Tensor) => Tensor) | undefined;
    if (kernel === undefined) return super.call(inputs, options);
    const x = onlyTensor(inputs);
    return isActivated(x) ? x : tidy(() => kernel(x));
  }
}
