import { mul, reshape, tile } from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: input `dy` [N, C], attribute `inputShape` → [N, H, W, C]. */
export const GlobalAveragePoolGrad = 'GlobalAveragePoolGrad';

export interface GlobalAveragePoolGradInputs {
  dy: Tensor2D;
}

export interface GlobalAveragePoolGradAttrs {
  /** [N, H, W, C] */
  inputShape: [number, number, number, number];
}

/**
 * Gradient of the mean over positions: dy/(H·W) at each.
 * @param dy gradient by the means [N, C]
 * @param inputShape [N, H, W, C]
 */
export function globalAveragePoolGrad(dy: Tensor2D, inputShape: [number, number, number, number]): Tensor4D {
  return runKernel<Tensor4D>(GlobalAveragePoolGrad, { dy }, { inputShape });
}

export const globalAveragePoolGradOp: OpDefinition = {
  kernels: [
    portableKernel<GlobalAveragePoolGradInputs, GlobalAveragePoolGradAttrs>(
      GlobalAveragePoolGrad,
      ({ dy }, { inputShape: [n, h, w, c] }) =>
        tile(reshape(mul(dy, 1 / (h * w)), [n, 1, 1, c]), [1, h, w, 1]),
    ),
  ],
  gradients: [],
};
