import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpuBackend.js';

export const BACKEND = 'webgpu';

/** A kernel of this backend; it answers undefined for what it leaves to tfjs's own. */
export interface GpuKernel {
  readonly kernelName: string;
  readonly compute: (
    ...args: Parameters<KernelConfig['kernelFunc']>
  ) => TensorInfo | TensorInfo[] | undefined;
}

/**
 * Makes a kernel of this backend.
 * @param compute inputs, attributes → new tensors, or undefined
 */
export function gpuKernel<Inputs extends object, Attrs extends object>(
  kernelName: string,
  compute: (backend: GpuBackend, inputs: Inputs, attrs: Attrs) => TensorInfo | TensorInfo[] | undefined,
): GpuKernel {
  return {
    kernelName,
    compute: ({ inputs, attrs, backend }) => {
      const gpu = backend as GpuBackend;
      return gpu.profiler.kernel(kernelName, inputs, () =>
        compute(gpu, inputs as unknown as Inputs, (attrs ?? {}) as unknown as Attrs),
      );
    },
  };
}
