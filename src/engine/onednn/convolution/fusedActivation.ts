import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { RELU_SLOPE } from '../elementwise/relu.js';
import type { PostOp } from '../ffi/abi.js';
import type { Ending } from './ending.js';

/** tfjs's fused activations as oneDNN's post-operations; null for those that have no such form (prelu). */
function activationPostOps(activation: string, leakyreluAlpha = 0): readonly PostOp[] | null {
  switch (activation) {
    case 'linear':
      return [];
    case 'relu':
      return [{ kind: 'eltwise', function: 'relu', alpha: RELU_SLOPE }];
    case 'relu6':
      return [{ kind: 'eltwise', function: 'clip', alpha: 0, beta: 6 }];
    case 'leakyrelu':
      return [{ kind: 'eltwise', function: 'relu', alpha: leakyreluAlpha }];
    case 'elu':
      return [{ kind: 'eltwise', function: 'elu', alpha: 1 }];
    case 'sigmoid':
      return [{ kind: 'eltwise', function: 'logistic' }];
    default:
      return null;
  }
}

/**
 * What tfjs's fused kernels apply to their sums.
 * @param outputs columns or channels, each of which a bias has one number for
 * @returns null for activations and biases of another form
 */
export function fusedEnding(
  { activation, leakyreluAlpha }: { readonly activation: string; readonly leakyreluAlpha?: number },
  bias: TensorInfo | undefined,
  outputs: number,
): Ending | null {
  const postOps = activationPostOps(activation, leakyreluAlpha);
  if (postOps === null) return null;
  if (bias !== undefined && util.sizeFromShape(bias.shape) !== outputs) return null;
  return { bias: bias ?? null, postOps, key: `${activation} ${leakyreluAlpha ?? ''}` };
}
