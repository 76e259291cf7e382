import { mean } from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { globalAveragePoolGrad } from './GlobalAveragePoolGrad.js';
import { portableKernel, runKernel } from './kernel.js';
import type { OpDefinition } from './kernel.js';

/** Kernel name: input `x` [N, H, W, C] → [N, C]. */
export const GlobalAveragePool = 'GlobalAveragePool';

export interface GlobalAveragePoolInputs {
  x: Tensor4D;
}

/**
 * Mean over an image's positions.
 * @param x [N, H, W, C], float32
 * @returns [N, C]
 */
export function globalAveragePool(x: Tensor4D): Tensor2D {
  return runKernel<Tensor2D>(GlobalAveragePool, { x });
}

const gradient: GradConfig = {
  kernelName: GlobalAveragePool,
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [Tensor4D];
    return { x: () => globalAveragePoolGrad(dy as Tensor2D, x.shape) };
  },
};

export const globalAveragePoolOp: OpDefinition = {
  kernels: [portableKernel<GlobalAveragePoolInputs, object>(GlobalAveragePool, ({ x }) => mean(x, [1, 2]))],
  gradients: [gradient],
};
