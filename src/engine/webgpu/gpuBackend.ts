import type { MatrixUnit } from './matrixUnit.js';
import type { DeviceProfiler } from './profiler.js';
import type { StockBackend } from './stock.js';

/** A dispatch, for messages: put into words only where there is one. */
export interface Ran {
  name: string;
  tensors: readonly { shape: readonly number[] }[];
}

/** What activations and their gradients are kept in. */
export type GpuPrecision = 'f16' | 'f32';

/** What kernels of our own need of the backend. */
export interface GpuBackend extends StockBackend {
  readonly mostTensorBytes: number;
  /** Whether what kernels give of type `float` is kept in 16 bits: activations and their gradients. */
  storesHalves: boolean;
  /** By which products of activations are summed; undefined: by plain arithmetic. */
  matrixUnit: MatrixUnit | undefined;
  readonly profiler: DeviceProfiler;
  /** Lets values be read again after an error of the device's: of what was tried and is not needed. */
  forgetFailure(): void;
  /** Keeps a dispatch's name and shapes, for messages. */
  remember(name: string, tensors: Ran['tensors']): void;
}
