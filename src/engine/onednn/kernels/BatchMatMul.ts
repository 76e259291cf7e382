import { BatchMatMul, type BatchMatMulAttrs, type BatchMatMulInputs } from '@tensorflow/tfjs-core';
import { nativeKernel } from '../kernel.js';
import { multiply } from '../matmul.js';

/** a [..., M, K] · b [..., K, N], either transposed; the result is f32, as it is often a gradient or a logit. */
export const batchMatMul = nativeKernel<BatchMatMulInputs, BatchMatMulAttrs>(
  BatchMatMul,
  ({ a, b }, { transposeA, transposeB }, backend) =>
    multiply(backend, {
      a,
      b,
      transposeA,
      transposeB,
      bias: null,
      postOps: [],
      postOpsKey: '',
      type: 'f32',
    }),
);
