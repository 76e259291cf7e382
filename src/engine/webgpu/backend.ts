import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { EngineError } from '../errors.js';
import { BufferPool } from './bufferPool.js';
import { disposeCasts, inFull } from './dispatch.js';
import type { GpuBackend, Ran } from './gpuBackend.js';
import { MATRICES, type MatrixUnit } from './matrixUnit.js';
import { DeviceProfiler } from './profiler.js';
import {
  type GpuAdapter,
  type GpuBuffer,
  type GpuDevice,
  type StockModule,
  type StockProgram,
  type StockTensor,
  USAGE,
  storedBytes,
} from './stock.js';

/** What a device's kernels need: all that the adapter has. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

const FEATURES = ['timestamp-query', 'shader-f16', 'subgroups', MATRICES];

/** A device of an adapter's, with what of it the kernels can use. */
export async function openDevice(adapter: GpuAdapter): Promise<GpuDevice> {
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}

const shapesOf = ({ tensors }: Ran): string => tensors.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');

const isBuffer = (resource: object | null | undefined): resource is GpuBuffer =>
  resource !== null && resource !== undefined && 'mapAsync' in resource;

/** Values as tfjs has them on the host: integers lie on the device as they are, and so do truth values, of 4 bytes each. */
function fromBytes(data: ArrayBuffer, dtype: DataType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'int32') return new Int32Array(data);
  return dtype === 'bool' ? Uint8Array.from(new Int32Array(data)) : new Float32Array(data);
}

/** A tensor whose numbers are on the host. */
const hasValues = (entry: StockTensor): entry is StockTensor & { values: ArrayLike<number> } =>
  (entry.values ?? null) !== null;

function toBytes({ values, dtype }: StockTensor & { values: ArrayLike<number> }): Float32Array | Int32Array {
  const Words = dtype === 'float32' ? Float32Array : Int32Array;
  // Dawn ends the process when it is given memory that threads share, as the batches' is.
  const isAsItMustBe = values instanceof Words && values.buffer instanceof ArrayBuffer;
  return isAsItMustBe ? values : new Words(values);
}

const TENSOR_USAGE = USAGE.storage | USAGE.copySource | USAGE.copyTarget;

/** Of tfjs's own matrix products: each element of the left factor is used once a column of the product. */
function productFlops(
  { constructor }: StockProgram,
  [left]: readonly TensorInfo[],
  { shape }: TensorInfo,
): number {
  return constructor.name.startsWith('MatMul')
    ? 2 * util.sizeFromShape(left.shape) * shape[shape.length - 1]
    : 0;
}

/** Of four numbers of 32 bits. */
const VECTOR_BYTES = 16;

/** So many of the last dispatches are remembered. */
const REMEMBERED = 64;

/**
 * tfjs's backend on a device, in which what goes wrong there is no silence: errors of the device, of a shader or of a tensor that is too
 * large, and the loss of the device, come as an exception when values are next read.
 */
export function trainingBackend({ WebGPUBackend }: StockModule, device: GpuDevice, info: object): GpuBackend {
  let failure: EngineError | undefined;
  const ran: Ran[] = [];
  let dispatches = 0;
  const fail = (message: string): void => {
    // What comes after the first is its consequence.
    failure ??= new EngineError(message);
  };
  device.addEventListener('uncapturederror', ({ error: { message } }) => {
    const dispatch = ran.find(({ name }) => message.includes(name));
    const of = dispatch === undefined ? '' : ` (${dispatch.name} of ${shapesOf(dispatch)})`;
    fail(`The graphics device reports an error${of}: ${message.trim().split('\n')[0]}`);
  });
  void device.lost.then(({ reason, message }) => {
    // Destroyed by ourselves, at the end.
    if (reason !== 'destroyed') fail(`The graphics device is lost: ${message || reason}.`);
  });
  const mostBytes = device.limits.maxStorageBufferBindingSize;

  return new (class extends WebGPUBackend implements GpuBackend {
    readonly profiler = new DeviceProfiler(device, ({ dataId }) => storedBytes(this.tensorMap.get(dataId)));
    readonly mostTensorBytes = mostBytes;
    storesHalves = false;
    matrixUnit: MatrixUnit | undefined = undefined;
    override bufferManager = new BufferPool(device);

    override uploadToGPU(dataId: object): void {
      const entry = this.tensorMap.get(dataId);
      const { shape } = entry;
      const bytes = storedBytes(entry);
      if (bytes > mostBytes) {
        throw new EngineError(
          `A tensor of [${shape.join(', ')}] takes ${bytes} bytes, and the graphics device takes at most ${mostBytes} in one: make --micro-batch smaller, or the network.`,
        );
      }
      if ((entry.resource ?? null) !== null) return;
      const buffer = this.bufferManager.acquireBuffer(bytes, TENSOR_USAGE);
      // tfjs's own maps a new buffer for each and copies it. A buffer of the pool is in no dispatch that waits to be submitted.
      if (bytes > 0 && hasValues(entry)) device.queue.writeBuffer(buffer, 0, toBytes(entry));
      entry.values = null;
      entry.resource = buffer;
    }

    override runWebGPUProgram(program: StockProgram, inputs: TensorInfo[], ...rest: unknown[]): TensorInfo {
      this.remember(program.constructor.name, [...inputs, { shape: program.outputShape }]);
      // tfjs's kernels know 32 bits only.
      const full = inputs.map((input) => inFull(this, input));
      const output = super.runWebGPUProgram(program, full, ...rest);
      disposeCasts(this, full, inputs);
      return output;
    }

    override recordAndSubmit(
      program: StockProgram,
      output: TensorInfo,
      inputs: TensorInfo[],
      uniforms: unknown,
    ): void {
      const dispatch = {
        name: program.constructor.name,
        tensors: [...inputs, output],
        flops: productFlops(program, inputs, output),
      };
      this.profiler.dispatch(this, dispatch, () => {
        super.recordAndSubmit(program, output, inputs, uniforms);
      });
    }

    forgetFailure(): void {
      failure = undefined;
    }

    remember(name: string, tensors: Ran['tensors']): void {
      ran[dispatches++ % REMEMBERED] = { name, tensors };
    }

    /** A tensor's own bytes, and no less than a vector's, since some kernels bind these: its buffer is larger, or holds others as well. */
    override tensorToBinding(tensor: TensorInfo | null): object | null {
      if (tensor === null) return null;
      const entry = this.tensorMap.get(tensor.dataId);
      const { slab, resource } = entry;
      if (!isBuffer(resource)) return super.tensorToBinding(tensor);
      const offset = 4 * (slab?.offset ?? 0);
      const bytes = Math.max(VECTOR_BYTES, storedBytes(entry));
      return { buffer: resource, offset, size: Math.min(bytes, resource.size - offset) };
    }

    override releaseResource(dataId: object): void {
      const entry = this.tensorMap.has(dataId) ? this.tensorMap.get(dataId) : undefined;
      if (entry?.slab === undefined) {
        super.releaseResource(dataId);
        return;
      }
      const { tensor } = entry.slab;
      delete entry.slab;
      entry.resource = null;
      this.disposeData(tensor.dataId);
    }

    override readToGPU(dataId: object): unknown {
      const { slab, isHalf } = this.tensorMap.get(dataId);
      if (slab !== undefined)
        throw new EngineError(
          'The buffer of a trained weight is shared with others: clone the tensor first.',
        );
      if (isHalf === true)
        throw new EngineError('The tensor lies in 16 bits (--precision f16): multiply it by 1 first.');
      return super.readToGPU(dataId);
    }

    override async read(dataId: object): Promise<unknown> {
      const values = await this.valuesOf(dataId);
      // What has been reported by then is of earlier work.
      await this.device.queue.onSubmittedWorkDone();
      if (failure !== undefined) throw failure;
      return values;
    }

    /** tfjs's own would read the whole buffer. */
    private async valuesOf(dataId: object): Promise<unknown> {
      const entry = this.tensorMap.get(dataId);
      const { slab, resource, values, shape, dtype } = entry;
      if ((values !== undefined && values !== null) || !isBuffer(resource)) return super.read(dataId);
      if (entry.isHalf === true) {
        const full = inFull(this, { dataId, shape, dtype });
        entry.values = await this.valuesOf(full.dataId);
        this.disposeData(full.dataId);
        return entry.values;
      }
      const size = storedBytes(entry);
      const staging = this.bufferManager.acquireBuffer(size, USAGE.mapRead | USAGE.copyTarget);
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.commandEncoder?.copyBufferToBuffer(resource, 4 * (slab?.offset ?? 0), staging, 0, size);
      this.submitQueue();
      await staging.mapAsync(USAGE.mapModeRead, 0, size);
      const data = staging.getMappedRange(0, size).slice(0);
      staging.unmap();
      this.bufferManager.releaseBuffer(staging);
      return (entry.values = fromBytes(data, dtype));
    }

    override readSync(dataId: object): unknown {
      const { values } = this.tensorMap.get(dataId);
      if (values !== undefined && values !== null) return values;
      throw new EngineError(
        'Values on a graphics device cannot be read at once: use data() in place of dataSync(), array() in place of arraySync().',
      );
    }
  })(device, info);
}
