import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './backend.js';

export const BACKEND = 'webgpu';

/**
 * A kernel of this backend.
 * @param compute inputs, attributes → new tensors
 */
export function gpuKernel<Inputs extends object, Attrs extends object>(
  kernelName: string,
  compute: (backend: GpuBackend, inputs: Inputs, attrs: Attrs) => TensorInfo | TensorInfo[],
): KernelConfig {
  return {
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) =>
      compute(backend as GpuBackend, inputs as unknown as Inputs, (attrs ?? {}) as unknown as Attrs),
  };
}
