import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  backend_util,
  Complex,
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
    const copies: TensorInfo[] = [];
    const copy = (tensor: TensorInfo): TensorInfo => {
      const info = this.#write(tensor, backend);
      copies.push(info);
      return info;
    };
    try {
      const hostInputs = mapInputs(inputs, copy);
      if (copies.some(({ shape }) => util.sizeFromShape(shape) > smallSize)) {
        backend.statistics.countFallback(name);
      }
      const kernel = getKernel(name, 'cpu');
      const result = kernel.kernelFunc({ inputs: hostInputs, attrs, backend: this.#host });
      return Array.isArray(result)
        ? result.map((info) => this.#adopt(info, backend))
        : this.#adopt(result, backend);
    } finally {
      for (const { dataId } of copies) this.#host.disposeData(dataId, true);
    }
  }

  #write(tensor: TensorInfo, backend: OneDnnBackend): TensorInfo {
    const { shape, dtype } = tensor;
    const values = backend.values(tensor);
    // Some CPU kernels ask for a rank, though what kernels are given needs to have none.
    const info = (dataId: object): TensorInfo => ({ dataId, shape, dtype, rank: shape.length }) as TensorInfo;
    if (dtype !== 'complex64') return info(this.#host.write(values, shape, dtype));
    const parts = backend_util.splitRealAndImagArrays(values as Float32Array);
    const [real, imag] = [parts.real, parts.imag].map((part) =>
      this.#host.makeTensorInfo(shape, 'float32', part),
    );
    const complex = getKernel(Complex, 'cpu').kernelFunc({ inputs: { real, imag }, backend: this.#host });
    for (const { dataId } of [real, imag]) this.#host.disposeData(dataId, true);
    return info((complex as TensorInfo).dataId);
  }

  #adopt({ dataId, shape, dtype }: TensorInfo, backend: OneDnnBackend): TensorInfo {
    const info = backend.fromHost(this.#host.readSync(dataId), shape, dtype);
    this.#host.disposeData(dataId, true);
    return info;
  }
}

type Input = TensorInfo | readonly TensorInfo[] | undefined;

/** Inputs of the same names, or in a list, each replaced; an optional one may be missing, and one may be a list itself. */
function mapInputs(
  inputs: NamedTensorInfoMap | TensorInfo[],
  replace: (tensor: TensorInfo) => TensorInfo,
): NamedTensorInfoMap {
  const mapInput = (input: Input): Input => {
    if (input === undefined || input === null) return input;
    return Array.isArray(input) ? input.map(replace) : replace(input as TensorInfo);
  };
  const mapped = Array.isArray(inputs)
    ? inputs.map(mapInput)
    : Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, mapInput(input)]));
  return mapped as NamedTensorInfoMap;
}
