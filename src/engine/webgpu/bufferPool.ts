import type { GpuBuffer, GpuDevice, StockBuffers } from './stock.js';

/** A little more than the device's smallest step, below which sizes differ for nothing. */
const SMALLEST = 256;
/** Sizes between a power of two and the next. */
const STEPS = 8;
/** What may lie idle beside the most that was in use at once. */
const SPARE_SHARE = 0.25;
const SPARE_BYTES = 64 * 2 ** 20;

/** The size, at most an eighth more, that a buffer is made with, so that one serves tensors of several sizes. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / STEPS;
  return Math.ceil(bytes / step) * step;
}

/**
 * Buffers of a device, used again by class of size, in place of tfjs's own pool, which knows exact sizes only and keeps all that it ever made.
 * What is allocated stays within a quarter more than was in use at once, and 64 MiB: the buffers that lay idle longest are given back.
 */
export class BufferPool implements StockBuffers {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  private peak = 0;
  /** By class and usage, the latest freed last; and all of them, the oldest first. */
  private readonly free = new Map<string, GpuBuffer[]>();
  private readonly idle = new Set<GpuBuffer>();
  private readonly used = new Set<GpuBuffer>();

  constructor(private readonly device: GpuDevice) {}

  /**
   * @param mappedAtCreation of a new buffer; one that was used before is not mapped
   * @param reuse false asks for a new one, of the very size
   */
  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GpuBuffer {
    const bytes = reuse ? sizeClass(size) : size;
    const again = reuse ? this.free.get(keyOf(bytes, usage))?.pop() : undefined;
    if (again !== undefined) this.idle.delete(again);
    const buffer = again ?? this.create(bytes, usage, mappedAtCreation);
    this.used.add(buffer);
    this.numBytesUsed += buffer.size;
    this.peak = Math.max(this.peak, this.numBytesUsed);
    return buffer;
  }

  /** @param reuse false gives it back to the device */
  releaseBuffer(buffer: GpuBuffer, reuse = true): void {
    if (!this.used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.destroy(buffer);
      return;
    }
    const key = keyOf(buffer.size, buffer.usage);
    const alike = this.free.get(key);
    if (alike === undefined) this.free.set(key, [buffer]);
    else alike.push(buffer);
    this.idle.add(buffer);
  }

  dispose(): void {
    for (const buffer of [...this.idle, ...this.used]) this.destroy(buffer);
    this.idle.clear();
    this.used.clear();
    this.free.clear();
    this.numBytesUsed = 0;
  }

  private create(size: number, usage: number, mappedAtCreation: boolean): GpuBuffer {
    const most = this.peak * (1 + SPARE_SHARE) + SPARE_BYTES;
    for (const oldest of this.idle) {
      if (this.numBytesAllocated + size <= most) break;
      this.idle.delete(oldest);
      const alike = this.free.get(keyOf(oldest.size, oldest.usage));
      alike?.splice(alike.indexOf(oldest), 1);
      this.destroy(oldest);
    }
    this.numBytesAllocated += size;
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation });
    // Asked for a thousand times a step: as the device's own, each is a call into native code.
    Object.defineProperties(buffer, { size: { value: size }, usage: { value: usage } });
    return buffer;
  }

  private destroy(buffer: GpuBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }
}

const keyOf = (size: number, usage: number): string => `${size}/${usage}`;
