import { mul, sub, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor, stockClass } from './stock.js';
import type { LayerVariable } from './stock.js';

interface StockFields {
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
}

const StockBatchNormalization = stockClass<
  NonNullable<Parameters<typeof layers.batchNormalization>[0]>,
  StockFields
>(layers.batchNormalization({}));

/**
 * Normalises the channels of images, [N, H, W, C], by constants: (x − mean) / deviation. tfjs-layers has no such layer; what
 * is saved is a batch normalisation that is never trained, without scale and offset, its statistics being the constants.
 */
export class Normalization extends StockBatchNormalization {
  /** @param means and deviations one a channel, on the input's own scale */
  constructor(
    name: string,
    private readonly means: readonly number[],
    private deviations: readonly number[],
  ) {
    super({ name, center: false, scale: false, epsilon: 1e-12, trainable: false });
  }

  override build(inputShape: Parameters<layers.Layer['build']>[0]): void {
    super.build(inputShape);
    tidy(() => {
      this.movingMean.write(tensor1d([...this.means]));
      this.movingVariance.write(tensor1d(this.deviations.map((deviation) => deviation ** 2)));
    });
  }

  /** Takes over constants that a saved model holds otherwise, in 16 bits for instance: it computes with those then. */
  async adoptWeights(): Promise<void> {
    const variances = await this.movingVariance.read().data();
    const own = Float32Array.from(this.deviations, (deviation) => deviation ** 2);
    if (own.some((variance, c) => variance !== variances[c])) {
      this.deviations = Array.from(variances, Math.sqrt);
    }
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const factors = tensor1d(this.deviations.map((deviation) => 1 / deviation));
      return mul(sub(onlyTensor(inputs), this.movingMean.read()), factors);
    });
  }
}
