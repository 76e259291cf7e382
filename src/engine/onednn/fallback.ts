import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  getKernel,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { type OneDnnBackend, smallSize } from './backend.js';

/**
 * tfjs's CPU kernels on our tensors: the inputs are read to the host, the kernel runs on a CPU backend of our own
 * that tfjs's engine does not know, and what it made is taken over. Correct for every kernel, fast for small tensors.
 */
export class CpuFallback {
  readonly #host: MathBackendCPU;

  constructor() {
    this.#host = new MathBackendCPU();
    // The backend prints an advertisement for tfjs-node at its first use.
    (this.#host as unknown as { firstUse: boolean }).firstUse = false;
  }

  /** Runs the CPU kernel `name`. It counts as a fall-back when a tensor is too large to be worth leaving there. */
  run(
    name: string,
    inputs: NamedTensorInfoMap,
    attrs: NamedAttrMap,
    backend: OneDnnBackend,
  ): TensorInfo | TensorInfo[] {
    const tensors = Object.values(inputs).filter((input) => input !== undefined);
    if (tensors.some(({ shape }) => util.sizeFromShape(shape) > smallSize)) {
      backend.statistics.countFallback(name);
    }
    const host = this.#host;
    const copies = Object.entries(inputs).map(([key, tensor]): [string, TensorInfo | undefined] => [
      key,
      tensor && {
        dataId: host.write(backend.values(tensor), tensor.shape, tensor.dtype),
        shape: tensor.shape,
        dtype: tensor.dtype,
      },
    ]);
    try {
      const kernel = getKernel(name, 'cpu');
      const hostInputs = Array.isArray(inputs)
        ? (copies.map(([, copy]) => copy) as unknown as NamedTensorInfoMap)
        : Object.fromEntries(copies);
      const result = kernel.kernelFunc({ inputs: hostInputs, attrs, backend: host });
      return Array.isArray(result)
        ? result.map((info) => this.#adopt(info, backend))
        : this.#adopt(result, backend);
    } finally {
      for (const [, copy] of copies) if (copy !== undefined) host.disposeData(copy.dataId, true);
    }
  }

  #adopt({ dataId, shape, dtype }: TensorInfo, backend: OneDnnBackend): TensorInfo {
    const info = backend.fromHost(this.#host.readSync(dataId), shape, dtype);
    this.#host.disposeData(dataId, true);
    return info;
  }
}
