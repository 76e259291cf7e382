import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { denseBiasActivation } from '../../engine/ops/index.js';
import { fusableActivation, onlyTensor, stockClass } from './stock.js';
import type { CallOptions, LayerVariable, NamedActivation } from './stock.js';

export type DenseArgs = Parameters<typeof layers.dense>[0];

interface StockFields {
  kernel: LayerVariable;
  bias: LayerVariable | null;
  activation: NamedActivation;
}

const StockDense = stockClass<DenseArgs, StockFields>(layers.dense({ units: 1 }));

/**
 * tfjs-layers' Dense, [N, K] → [N, units], as one fused kernel with bias and activation, backward too. Other ranks and
 * activations are left to the stock layer.
 */
export class Dense extends StockDense {
  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const activation = fusableActivation(this.activation);
    const x = onlyTensor<Tensor2D>(inputs);
    if (activation === null || x.rank !== 2) return super.call(inputs, options);
    return tidy(() => {
      const bias = this.bias === null ? null : (this.bias.read() as Tensor1D);
      return denseBiasActivation(x, this.kernel.read() as Tensor2D, bias, activation);
    });
  }
}
