import { Transpose } from '@tensorflow/tfjs-core';
import type { BatchMatMulAttrs, KernelConfig, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import { callKernel, release } from './heap.js';
import type { BackendWasm } from './heap.js';

/**
 * Matrix product that transposes its operands first when asked to: upstream multiplies transposed operands in a plain
 * loop, all others with XNNPACK.
 * @param upstream the backend's own kernel
 */
export function batchMatMulConfig(upstream: KernelConfig): KernelConfig {
  return {
    ...upstream,
    kernelFunc: (params) => {
      const backend = params.backend as BackendWasm;
      const { a, b } = params.inputs as { a: TensorInfo; b: TensorInfo };
      const { transposeA, transposeB } = params.attrs as unknown as BatchMatMulAttrs;
      if (!transposeA && !transposeB) return upstream.kernelFunc(params);
      const straightA = transposeA ? transposeMatrices(backend, a) : a;
      const straightB = transposeB ? transposeMatrices(backend, b) : b;
      const product = upstream.kernelFunc({
        backend,
        inputs: { a: straightA, b: straightB },
        attrs: { transposeA: false, transposeB: false },
      });
      release(backend, [...(transposeA ? [straightA] : []), ...(transposeB ? [straightB] : [])]);
      return product;
    },
  };
}

/** Exchanges the last two axes. */
function transposeMatrices(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const perm = x.shape.map((_, axis) => axis);
  const last = perm.length - 1;
  perm[last] = last - 1;
  perm[last - 1] = last;
  const attrs: NamedAttrMap = { perm };
  return callKernel(Transpose, backend, { x }, attrs);
}
