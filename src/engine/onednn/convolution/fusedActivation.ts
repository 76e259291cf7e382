import { RELU_SLOPE } from '../elementwise/relu.js';
import type { PostOp } from '../ffi/abi.js';

/** tfjs's fused activations as oneDNN's post-operations; null for those that have no such form (prelu). */
export function activationPostOps(activation: string, leakyreluAlpha = 0): readonly PostOp[] | null {
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
