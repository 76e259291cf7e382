import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { convBiasActivation } from '../../engine/ops/index.js';
import { fusableActivation, onlyTensor, stockClass } from './stock.js';
import type { CallOptions, LayerVariable, NamedActivation } from './stock.js';

export type Conv2DArgs = Parameters<typeof layers.conv2d>[0];

interface StockFields {
  kernel: LayerVariable;
  bias: LayerVariable | null;
  strides: [number, number];
  padding: string;
  dataFormat: string;
  dilationRate: number[];
  activation: NamedActivation;
}

const StockConv2D = stockClass<Conv2DArgs, StockFields>(layers.conv2d({ filters: 1, kernelSize: 1 }));

/**
 * tfjs-layers' Conv2D, [N, H, W, Cin] → [N, H', W', filters], as one fused kernel with bias and activation, backward too.
 * Whatever the fused kernel cannot do (other activations, dilation, channels first) the stock layer does.
 */
export class Conv2D extends StockConv2D {
  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const activation = fusableActivation(this.activation);
    const { padding: pad, strides } = this;
    const plain = this.dataFormat === 'channelsLast' && this.dilationRate.every((rate) => rate === 1);
    if (activation === null || !plain || (pad !== 'same' && pad !== 'valid')) {
      return super.call(inputs, options);
    }
    return tidy(() => {
      const filter = this.kernel.read() as Tensor4D;
      const bias = this.bias === null ? null : (this.bias.read() as Tensor1D);
      return convBiasActivation(onlyTensor(inputs), filter, bias, { strides, pad, activation });
    });
  }
}
