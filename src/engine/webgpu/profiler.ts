import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type GpuBuffer, type GpuDevice, type StockBackend, USAGE } from './stock.js';

/** What the dispatches of one kernel came to since profiling began. */
export interface DeviceKernel {
  /** A kernel of ours, else the program of tfjs's that was dispatched. */
  readonly name: string;
  readonly dispatches: number;
  /** Of all tensors that its dispatches read or write, each counted once a dispatch, and of those that were copied for them, twice. */
  readonly bytes: number;
  /** Of the kernel's own inputs and outputs, each counted once: what no kernel can do without. */
  readonly leastBytes: number;
  /** Multiplications and additions of convolutions and matrix products. */
  readonly flops: number;
  /** By the device's own clock; null where it has none. */
  readonly ms: number | null;
}

export interface DeviceReport {
  readonly on: 'device';
  readonly kernels: readonly DeviceKernel[];
}

type Totals = { -readonly [key in keyof Omit<DeviceKernel, 'name'>]: NonNullable<DeviceKernel[key]> };

/** Dispatches whose times are kept on the device before they are sent on to a buffer of the host's. */
const SLOTS = 1024;

/** Counts what is dispatched, by kernel, and asks the device for the times: each dispatch is a pass of its own then. */
export class DeviceProfiler {
  private totals: Map<string, Totals> | undefined;
  private operation: string | undefined;
  /** What dispatches of the operation have read or written. */
  private used = new Set<object>();
  private names: string[] = [];
  private readonly pending: { names: string[]; buffer: GpuBuffer }[] = [];
  private querySet: object | undefined;

  /** @param storedBytes of a tensor on the device */
  constructor(
    private readonly device: GpuDevice,
    private readonly storedBytes: (tensor: TensorInfo) => number,
    private readonly hasClock = device.features.has('timestamp-query'),
  ) {}

  start(): void {
    this.totals = new Map();
  }

  get isOn(): boolean {
    return this.totals !== undefined;
  }

  /** Runs a kernel of ours; its dispatches count as its own. @param inputs by name, or a list */
  kernel<T extends TensorInfo | TensorInfo[] | undefined>(name: string, inputs: object, run: () => T): T {
    if (!this.isOn || this.operation !== undefined) return run();
    this.operation = name;
    this.used = new Set();
    try {
      const outputs = run();
      // Of its inputs some may not be needed.
      const given = Object.values(inputs) as (TensorInfo | undefined)[];
      const read = given.filter(
        (input) => input !== undefined && this.used.has(input.dataId),
      ) as TensorInfo[];
      if (outputs !== undefined) this.of(name).leastBytes += this.bytesOf([...read, outputs].flat());
      return outputs;
    } finally {
      this.operation = undefined;
    }
  }

  /**
   * Records a dispatch.
   * @param tensors what it reads and writes
   */
  dispatch(
    backend: StockBackend,
    {
      name,
      tensors,
      flops,
      bytes: own,
    }: { name: string; tensors: readonly TensorInfo[]; flops: number; bytes?: number | undefined },
    record: () => void,
  ): void {
    if (!this.isOn) return record();
    const total = this.of(this.operation ?? name);
    const bytes = own ?? this.bytesOf(tensors);
    for (const { dataId } of tensors) this.used.add(dataId);
    total.dispatches++;
    total.bytes += bytes;
    total.flops += flops;
    if (this.operation === undefined) total.leastBytes += bytes;
    if (!this.hasClock) return record();
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.computePassEncoder =
      backend.commandEncoder?.beginComputePass({ timestampWrites: this.nextSlot(backend) }) ?? null;
    this.names.push(this.operation ?? name);
    record();
    backend.endComputePassEncoder();
  }

  /** Counts tensors that a kernel reads as pieces of a slab. @param isCopied whether they were read and written to come there */
  gathered(tensors: readonly TensorInfo[], isCopied: boolean): void {
    if (this.operation === undefined) return;
    for (const { dataId } of tensors) this.used.add(dataId);
    if (isCopied) this.of(this.operation).bytes += 2 * this.bytesOf(tensors);
  }

  /** @returns what was counted since the start; profiling ends */
  async report(backend: StockBackend): Promise<DeviceReport> {
    const totals = this.totals ?? new Map<string, Totals>();
    this.totals = undefined;
    this.sendOn(backend);
    if (backend.commandEncoder !== null) backend.submitQueue();
    for (const { names, buffer } of this.pending.splice(0)) {
      await buffer.mapAsync(USAGE.mapModeRead);
      const times = new BigUint64Array(buffer.getMappedRange());
      names.forEach((name, i) => {
        const total = totals.get(name);
        if (total !== undefined) total.ms += Number(times[2 * i + 1] - times[2 * i]) / 1e6;
      });
      buffer.destroy();
    }
    const kernels = [...totals].map(([name, total]) => ({
      ...{ name, ...total },
      ms: this.hasClock ? total.ms : null,
    }));
    return { on: 'device', kernels: kernels.toSorted((a, b) => (b.ms ?? b.bytes) - (a.ms ?? a.bytes)) };
  }

  private bytesOf(tensors: readonly TensorInfo[]): number {
    const unique = new Map(tensors.map((tensor) => [tensor.dataId, tensor]));
    return [...unique.values()].reduce((sum, tensor) => sum + this.storedBytes(tensor), 0);
  }

  private of(name: string): Totals {
    let total = this.totals?.get(name);
    if (total === undefined) {
      total = { dispatches: 0, bytes: 0, leastBytes: 0, flops: 0, ms: 0 };
      this.totals?.set(name, total);
    }
    return total;
  }

  private nextSlot(backend: StockBackend): object {
    if (this.names.length === SLOTS) this.sendOn(backend);
    this.querySet ??= this.device.createQuerySet({ type: 'timestamp', count: 2 * SLOTS });
    const slot = 2 * this.names.length;
    return {
      querySet: this.querySet,
      beginningOfPassWriteIndex: slot,
      endOfPassWriteIndex: slot + 1,
    };
  }

  /** Has the device write the times so far into a buffer that can be read. */
  private sendOn(backend: StockBackend): void {
    if (this.names.length === 0 || this.querySet === undefined) return;
    const size = 16 * this.names.length;
    const resolved = this.device.createBuffer({ size, usage: USAGE.queryResolve | USAGE.copySource });
    const buffer = this.device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder?.resolveQuerySet(this.querySet, 0, 2 * this.names.length, resolved, 0);
    backend.commandEncoder?.copyBufferToBuffer(resolved, 0, buffer, 0, size);
    this.pending.push({ names: this.names, buffer });
    this.names = [];
  }
}
