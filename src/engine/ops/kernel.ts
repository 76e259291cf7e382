import { engine, tidy } from '@tensorflow/tfjs-core';
import type { GradConfig, KernelConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** A kernel written with tfjs operations, for any backend that has no kernel of that name. */
export type PortableKernel = Omit<KernelConfig, 'backendName'>;

/** What a gradient function answers: for each input the function that makes its gradient. */
export type GradientMap = ReturnType<GradConfig['gradFunc']>;

/** Everything one operation adds to tfjs's registries. */
export interface OpDefinition {
  readonly kernels: readonly PortableKernel[];
  readonly gradients: readonly GradConfig[];
}

/**
 * Makes a kernel from a function over tensors. Inside a kernel tfjs records no tape, so the function may use any
 * operation; what it creates beside its result is released.
 * @param compute inputs, attributes → the kernel's output or outputs, each of them a new tensor
 */
export function portableKernel<Inputs extends object, Attrs extends object>(
  kernelName: string,
  compute: (inputs: Inputs, attrs: Attrs) => Tensor | Tensor[],
): PortableKernel {
  return {
    kernelName,
    // The engine passes the very tensors that `runKernel` was given.
    kernelFunc: ({ inputs, attrs }) =>
      tidy(() => compute(inputs as unknown as Inputs, (attrs ?? {}) as unknown as Attrs)),
  };
}

/** Runs a kernel with one output on the current backend. */
export function runKernel<T extends Tensor>(
  kernelName: string,
  inputs: Record<string, Tensor>,
  attrs: object = {},
): T {
  return engine().runKernel<T>(kernelName, inputs, attrs as NamedAttrMap);
}

/** Runs a kernel with several outputs on the current backend. */
export function runMultiKernel(
  kernelName: string,
  inputs: Record<string, Tensor>,
  attrs: object = {},
): Tensor[] {
  return engine().runKernel<Tensor[]>(kernelName, inputs, attrs as NamedAttrMap);
}
