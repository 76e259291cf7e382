import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';

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
  readonly info: object;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

export interface GpuDevice {
  readonly limits: Readonly<Record<string, number>>;
  readonly lost: Promise<{ reason: string; message: string }>;
  readonly queue: GpuQueue;
  createShaderModule(descriptor: object): object;
  createComputePipeline(descriptor: object): GpuPipeline;
  createBindGroup(descriptor: object): object;
  addEventListener(type: 'uncapturederror', listener: (event: { error: Error }) => void): void;
}

export interface GpuQueue {
  writeBuffer(buffer: object, offset: number, data: ArrayBuffer): void;
  onSubmittedWorkDone(): Promise<void>;
}

export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}

interface ComputePass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(index: number, group: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
}

/** tfjs's backend, as far as kernels of our own record into it. */
export interface StockBackend {
  readonly device: GpuDevice;
  readonly bufferManager: { acquireBuffer(size: number, usage: number): object };
  readonly tensorMap: {
    /** `dtype` is of the numbers that lie on the device, whatever a tensor says: a cast to floats leaves integers as they are. */
    get(dataId: object): { shape: number[]; dtype: DataType; values?: unknown };
  };
  makeTensorInfo(shape: number[], dtype: DataType, values?: unknown): TensorInfo;
  /** Gives a tensor its place on the device, with its values where the host has them. */
  uploadToGPU(dataId: object): void;
  tensorToBinding(tensor: TensorInfo): object;
  disposeData(dataId: object, force?: boolean): boolean;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
  runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo;
  submitQueue(): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  /** Of tensors that what is recorded uses: they are freed after it is submitted. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly uniformPendingDisposal: object[];
  readonly commandEncoder: { beginComputePass(descriptor: object): ComputePass } | null;
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

/** GPUBufferUsage: COPY_DST and UNIFORM. */
export const UNIFORM_USAGE = 0x8 | 0x40;

/** Dispatches that are recorded before they are submitted. */
export const BATCH = 15;
