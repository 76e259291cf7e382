import { _FusedMatMul, matMul, reshape, sum, tidy } from '@tensorflow/tfjs-core';
import type {
  _FusedMatMulAttrs,
  GradConfig,
  Rank,
  Tensor1D,
  Tensor2D,
  Tensor3D,
} from '@tensorflow/tfjs-core';
import { fusedGradient } from './fusedActivation.js';
import type { FusedActivation } from './fusedActivation.js';
import { runKernel } from './kernel.js';
import type { GradientMap, OpDefinition } from './kernel.js';

/** The kernel's attributes; kernels look at the inputs for the bias, the gradient (which does not see them) at `hasBias`. */
type DenseAttrs = _FusedMatMulAttrs & { hasBias: boolean };

/**
 * activation(x · kernel + bias), one kernel forward.
 * @param x [N, K], float32
 * @param kernel [K, M]
 * @param bias [M], or null for none
 * @returns [N, M]
 */
export function denseBiasActivation(
  x: Tensor2D,
  kernel: Tensor2D,
  bias: Tensor1D | null,
  activation: FusedActivation = 'linear',
): Tensor2D {
  const hasBias = bias !== null;
  const attrs: DenseAttrs = { transposeA: false, transposeB: false, activation, hasBias };
  return tidy(() => {
    // tfjs's kernel multiplies batches of matrices: ours is a batch of one.
    const a = reshape<Rank.R3>(x, [1, ...x.shape]);
    const b = reshape<Rank.R3>(kernel, [1, ...kernel.shape]);
    const y = runKernel<Tensor3D>(_FusedMatMul, hasBias ? { a, b, bias } : { a, b }, attrs);
    return reshape<Rank.R2>(y, [x.shape[0], kernel.shape[1]]);
  });
}

const fusedMatMulGradient: GradConfig = {
  kernelName: _FusedMatMul,
  inputsToSave: ['a', 'b'],
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => {
    const [a, b, y] = saved as [Tensor3D, Tensor3D, Tensor3D];
    return denseGradients(a, b, y, dy as Tensor3D, attrs as unknown as DenseAttrs);
  },
};

function denseGradients(
  a: Tensor3D,
  b: Tensor3D,
  y: Tensor3D,
  dy: Tensor3D,
  { transposeA, transposeB, activation, hasBias }: DenseAttrs,
): GradientMap {
  if (transposeA || transposeB) {
    throw new Error('The gradient of a fused matrix product is known without transposition only.');
  }
  const g = fusedGradient(dy, y, activation);
  // Eager, so that `g` may go as soon as the input's gradient is made.
  const db = matMul(a, g, true, false);
  const dBias = hasBias ? sum(g, [0, 1]) : undefined;
  return {
    a: () => {
      const da = matMul(g, b, false, true);
      if (g !== dy) g.dispose();
      return da;
    },
    b: () => db,
    ...(dBias && { bias: () => dBias }),
  };
}

export const denseBiasActivationOp: OpDefinition = { kernels: [], gradients: [fusedMatMulGradient] };
