import { maxPool, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor, stockClass } from './stock.js';

export type WholeMaxPooling2DArgs = Parameters<typeof layers.maxPooling2d>[0];

const StockMaxPooling2D = stockClass<WholeMaxPooling2DArgs, object>(layers.maxPooling2d({ poolSize: 2 }));

/**
 * tfjs-layers' MaxPooling2D for a pool over the whole map: [N, H, W, C] → [N, 1, 1, C]. It is one of any map that it is given, of the
 * smaller images of --image-sizes, too; the saved layer has the pool of the full size.
 */
export class WholeMaxPooling2D extends StockMaxPooling2D {
  override computeOutputShape(inputShape: Parameters<layers.Layer['computeOutputShape']>[0]) {
    const [batch, , , channels] = inputShape as (number | null)[];
    return [batch, 1, 1, channels];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = onlyTensor<Tensor4D>(inputs);
      const [, height, width] = x.shape;
      return maxPool(x, [height, width], 1, 'valid');
    });
  }
}
