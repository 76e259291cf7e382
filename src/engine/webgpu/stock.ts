import type { MatrixInfo } from './matrixUnit.js';
import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';

/**
 * What is used of WebGPU and of tfjs's backend on it, private members included: everything that depends on the very version of that
 * backend is in this file.
 */

/** Of @tensorflow/tfjs-backend-webgpu, whose private members are used. */
export const STOCK_VERSION = '4.22.0';

export interface Gpu {
  requestAdapter(options: object): Promise<GpuAdapter | null>;
}

export interface GpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  readonly info: Readonly<Partial<Record<'vendor' | 'architecture' | 'device' | 'description', string>>> &
    MatrixInfo;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

export interface GpuDevice {
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  readonly lost: Promise<{ reason: string; message: string }>;
  readonly queue: GpuQueue;
  createShaderModule(descriptor: object): object;
  createComputePipeline(descriptor: object): GpuPipeline;
  createBindGroup(descriptor: object): object;
  createBuffer(descriptor: { size: number; usage: number; mappedAtCreation?: boolean }): GpuBuffer;
  createQuerySet(descriptor: object): object;
  addEventListener(type: 'uncapturederror', listener: (event: { error: Error }) => void): void;
}

export interface GpuBuffer {
  readonly size: number;
  readonly usage: number;
  mapAsync(mode: number, offset?: number, size?: number): Promise<void>;
  getMappedRange(offset?: number, size?: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuQueue {
  writeBuffer(buffer: object, offset: number, data: ArrayBuffer | ArrayBufferView): void;
  onSubmittedWorkDone(): Promise<void>;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}

export interface GpuCommandEncoder {
  beginComputePass(descriptor: object): ComputePass;
  copyBufferToBuffer(
    from: GpuBuffer,
    fromOffset: number,
    to: GpuBuffer,
    toOffset: number,
    size: number,
  ): void;
  resolveQuerySet(querySet: object, first: number, count: number, to: GpuBuffer, offset: number): void;
}

interface ComputePass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

/** What the backend keeps of a tensor. */
export interface StockTensor {
  readonly shape: number[];
  /** Of the numbers that lie on the device, whatever a tensor says: a cast to floats leaves integers as they are. */
  readonly dtype: DataType;
  values?: unknown;
  /** A GPUBuffer, for tensors that do not come from pictures. */
  resource?: object | null | undefined;
  /** Ours: the slab that it is a piece of; offset in elements. */
  slab?: { readonly tensor: TensorInfo; readonly offset: number };
  /** Ours: whether its floats lie in 16 bits each. */
  isHalf?: boolean;
}

/** Bytes of a tensor on the device, in whole words. */
export const storedBytes = ({ shape, isHalf }: Pick<StockTensor, 'shape' | 'isHalf'>): number => {
  const size = util.sizeFromShape(shape);
  return isHalf === true ? 4 * Math.ceil(size / 2) : 4 * size;
};

/** Gives out buffers and takes them back. */
export interface StockBuffers {
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GpuBuffer;
  releaseBuffer(buffer: GpuBuffer, reuse?: boolean): void;
  dispose(): void;
}

/** tfjs's backend, as far as kernels of our own record into it. */
export interface StockBackend {
  readonly device: GpuDevice;
  bufferManager: StockBuffers;
  readonly tensorMap: { get(dataId: object): StockTensor; has(dataId: object): boolean };
  makeTensorInfo(shape: number[], dtype: DataType, values?: unknown): TensorInfo;
  /** Gives a tensor its place on the device, with its values where the host has them. */
  uploadToGPU(dataId: object): void;
  tensorToBinding(tensor: TensorInfo | null): object | null;
  disposeData(dataId: object, force?: boolean): boolean;
  incRef(dataId: object): void;
  /** Gives up a tensor's buffer, when nothing that waits to be submitted uses it. */
  releaseResource(dataId: object): void;
  readToGPU(dataId: object): unknown;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
  runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo;
  recordAndSubmit(program: StockProgram, output: TensorInfo, inputs: TensorInfo[], uniforms: unknown): void;
  submitQueue(): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  /** Of tensors that what is recorded uses: they are freed after it is submitted. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly uniformPendingDisposal: object[];
  readonly commandEncoder: GpuCommandEncoder | null;
  computePassEncoder: ComputePass | null;
  dispatchCountInPass: number;
}

export interface StockProgram {
  outputShape: number[];
}

/** The class, in the module that the user has installed. */
export interface StockModule {
  WebGPUBackend: new (device: GpuDevice, info: object) => StockBackend;
}

/** GPUBufferUsage and GPUMapMode, which a process without a browser has only after Dawn is loaded. */
export const USAGE = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
  mapModeRead: 0x1,
} as const;

/** Dispatches that are recorded before they are submitted. */
export const BATCH = 15;
