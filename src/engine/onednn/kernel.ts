import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from './backend.js';

/**
 * One kernel: tfjs's name and what runs it. `run` answers null for shapes, types or attributes that it does not
 * implement; tfjs's CPU kernel of that name is used instead then, and counted.
 */
export interface NativeKernel {
  readonly name: string;
  /** On tensors that are small and on the host, the CPU kernel is faster than the way into native memory. */
  readonly isHostWhenSmall?: boolean;
  readonly run: (
    inputs: NamedTensorInfoMap,
    attrs: NamedAttrMap,
    backend: OneDnnBackend,
  ) => TensorInfo | TensorInfo[] | null;
}

/** tfjs's input types admit undefined for every input; only those named `Optional` may really be missing. */
type Given<Inputs, Optional extends keyof Inputs> = {
  [K in Exclude<keyof Inputs, Optional>]: TensorInfo;
} & { [K in Optional]?: TensorInfo | undefined };

/** Gives a kernel's function the types of its inputs and attributes. */
export function nativeKernel<
  Inputs extends object,
  Attrs extends object = object,
  Optional extends keyof Inputs = never,
>(
  name: string,
  run: (
    inputs: Given<Inputs, Optional>,
    attrs: Attrs,
    backend: OneDnnBackend,
  ) => TensorInfo | TensorInfo[] | null,
  options: { isHostWhenSmall?: boolean } = {},
): NativeKernel {
  return { name, ...options, run: run as unknown as NativeKernel['run'] };
}
