import { getKernel } from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

export type { BackendWasm };

/**
 * A float32 tensor's values where they lie in the WASM heap: writing them writes the tensor. The view dies when the heap
 * grows, so take it after the last allocation.
 */
export function floatsOf(backend: BackendWasm, info: TensorInfo): Float32Array {
  const values = backend.typedArrayFromHeap(info);
  if (!(values instanceof Float32Array)) throw new TypeError(`Expected a float32 tensor, got ${info.dtype}.`);
  return values;
}

/** Releases tensors that a kernel made for itself and the engine never saw. */
export function release(backend: BackendWasm, infos: Iterable<TensorInfo>): void {
  for (const info of infos) backend.disposeData(info.dataId);
}

/**
 * Runs another of the WASM backend's kernels from within a kernel, past the engine's bookkeeping.
 * @returns its output, owned by the caller
 */
export function callKernel(
  kernelName: string,
  backend: BackendWasm,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap,
): TensorInfo {
  const output = getKernel(kernelName, 'wasm').kernelFunc({ inputs, attrs, backend });
  if (Array.isArray(output))
    throw new TypeError(`Expected one output of ${kernelName}, got ${output.length}.`);
  return output;
}
