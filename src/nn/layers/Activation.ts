import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { gelu } from '../../engine/ops/index.js';
import { onlyTensor, stockClass } from './stock.js';
import type { CallOptions, NamedActivation } from './stock.js';

export type ActivationArgs = Parameters<typeof layers.activation>[0];

interface StockFields {
  activation: NamedActivation;
}

const StockActivation = stockClass<ActivationArgs, StockFields>(layers.activation({ activation: 'linear' }));

/** tfjs-layers' Activation; `gelu` (the exact one, by the error function) is one kernel each way. */
export class Activation extends StockActivation {
  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    if (this.activation.getClassName() !== 'gelu') return super.call(inputs, options);
    return tidy(() => gelu(onlyTensor(inputs)));
  }
}
