import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { convBiasActivation, hasUnevenPadding } from '../../engine/ops/index.js';
import { fusableActivation, onlyTensor, stockClass } from './stock.js';
import type { CallOptions, LayerVariable, NamedActivation } from './stock.js';

export type Conv2DArgs = Parameters<typeof layers.conv2d>[0];

/** How a layer computes, beside what stock layers know; none of it is saved, since it changes no result. */
export interface Conv2DHints {
  /**
   * For an odd-sized input, a 3×3 filter and padding `same`, before a 2×2 pool in steps of 2: the last row and column, which
   * that pool never reads, are not computed. The output is one row and one column smaller than the layer says.
   */
  trimsForPool?: boolean;
  /** Computed in float32 by engines that otherwise would use a shorter type. */
  isPrecise?: boolean;
  /** The filter is never trained: engines need not compute its gradient, nor any by the images. */
  isFilterFrozen?: boolean;
}

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

/** `same` for an odd-sized map and a 3×3 filter, without the output's last row and column. */
const TRIMMED: [[number, number], [number, number], [number, number], [number, number]] = [
  [0, 0],
  [1, 0],
  [1, 0],
  [0, 0],
];

/**
 * tfjs-layers' Conv2D, [N, H, W, Cin] → [N, H', W', filters], as one fused kernel with bias and activation, backward too.
 * Whatever the fused kernel cannot do (other activations, dilation, channels first) the stock layer does.
 */
export class Conv2D extends StockConv2D {
  constructor(
    args: Conv2DArgs,
    private readonly hints: Conv2DHints = {},
  ) {
    super(args);
  }

  override build(inputShape: Parameters<layers.Layer['build']>[0]): void {
    super.build(inputShape);
    if (this.hints.isFilterFrozen === true) this.kernel.trainable = false;
  }

  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    const activation = fusableActivation(this.activation);
    const { padding, strides } = this;
    const plain = this.dataFormat === 'channelsLast' && this.dilationRate.every((rate) => rate === 1);
    if (activation === null || !plain || (padding !== 'same' && padding !== 'valid')) {
      return super.call(inputs, options);
    }
    const x = onlyTensor<Tensor4D>(inputs);
    const isTrimmed = this.hints.trimsForPool === true && x.shape[1] % 2 === 1 && hasUnevenPadding();
    const pad = isTrimmed ? TRIMMED : padding;
    return tidy(() => {
      const filter = this.kernel.read() as Tensor4D;
      const bias = this.bias === null ? null : (this.bias.read() as Tensor1D);
      return convBiasActivation(x, filter, bias, {
        strides,
        pad,
        activation,
        ...(this.hints.isPrecise === true && { precision: 'f32' as const }),
        ...(this.hints.isFilterFrozen === true && { trainsFilter: false }),
      });
    });
  }
}
