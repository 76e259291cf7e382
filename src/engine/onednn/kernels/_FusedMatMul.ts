import { _FusedMatMul, type _FusedMatMulAttrs, type _FusedMatMulInputs } from '@tensorflow/tfjs-core';
import { fusedEnding } from '../convolution/fusedActivation.js';
import { nativeKernel } from '../kernel.js';
import { multiply } from '../matmul.js';

/**
 * activation(a · b + bias [N]). With an activation the result is an activation and held like one; without, it
 * is f32: it may be logits, which bf16 would round to two or three digits.
 */
export const fusedMatMul = nativeKernel<_FusedMatMulInputs, _FusedMatMulAttrs, 'bias'>(
  _FusedMatMul,
  ({ a, b, bias }, attrs, backend) => {
    const columns = attrs.transposeB ? b.shape[b.shape.length - 2] : b.shape[b.shape.length - 1];
    const ending = fusedEnding(attrs, bias, columns);
    if (ending === null) return null;
    return multiply(backend, {
      a,
      b,
      transposeA: attrs.transposeA,
      transposeB: attrs.transposeB,
      bias: ending.bias,
      postOps: ending.postOps,
      postOpsKey: ending.key,
      type: ending.postOps.length === 0 ? 'f32' : backend.computeType,
    });
  },
);
