import { tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { globalAveragePool } from '../../engine/ops/index.js';
import { onlyTensor, stockClass } from './stock.js';
import type { CallOptions } from './stock.js';

export type GlobalAveragePooling2DArgs = Parameters<typeof layers.globalAveragePooling2d>[0];

interface StockFields {
  dataFormat: string;
}

const StockGlobalAveragePooling2D = stockClass<GlobalAveragePooling2DArgs, StockFields>(
  layers.globalAveragePooling2d({}),
);

/** tfjs-layers' GlobalAveragePooling2D, [N, H, W, C] → [N, C], as one kernel each way. */
export class GlobalAveragePooling2D extends StockGlobalAveragePooling2D {
  override call(inputs: Tensor | Tensor[], options: CallOptions): Tensor | Tensor[] {
    if (this.dataFormat !== 'channelsLast') return super.call(inputs, options);
    return tidy(() => globalAveragePool(onlyTensor(inputs)));
  }
}
