import { _FusedMatMul, type _FusedMatMulAttrs, type _FusedMatMulInputs, util } from '@tensorflow/tfjs-core';
import { activationPostOps } from '../convolution/fusedActivation.js';
import { nativeKernel } from '../kernel.js';
import { multiply } from '../matmul.js';

/**
 * activation(a · b + bias [N]). With an activation the result is an activation and held like one; without, it
 * is f32: it may be logits, which bf16 would round to two or three digits.
 */
export const fusedMatMul = nativeKernel<_FusedMatMulInputs, _FusedMatMulAttrs, 'bias'>(
  _FusedMatMul,
  ({ a, b, bias }, attrs, backend) => {
    const postOps = activationPostOps(attrs.activation, attrs.leakyreluAlpha);
    if (postOps === null) return null;
    const columns = attrs.transposeB ? b.shape[b.shape.length - 2] : b.shape[b.shape.length - 1];
    if (bias !== undefined && util.sizeFromShape(bias.shape) !== columns) return null;
    return multiply(backend, {
      a,
      b,
      transposeA: attrs.transposeA,
      transposeB: attrs.transposeB,
      bias: bias ?? null,
      postOps,
      postOpsKey: `${attrs.activation} ${attrs.leakyreluAlpha ?? ''}`,
      type: postOps.length === 0 ? 'f32' : backend.computeType,
    });
  },
);
