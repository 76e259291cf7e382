import { describe, expect, it } from 'vitest';
import { BufferPool, sizeClass } from '../../../src/engine/webgpu/bufferPool.js';
import type { GpuDevice } from '../../../src/engine/webgpu/stock.js';

const MIB = 2 ** 20;

/** A device that only counts. */
function countingDevice(): { device: GpuDevice; alive: () => number } {
  let alive = 0;
  const device = {
    createBuffer: (made: { size: number; usage: number }) => {
      alive += made.size;
      return { ...made, destroy: () => (alive -= made.size) };
    },
  };
  return { device: device as unknown as GpuDevice, alive: () => alive };
}

describe('the pool of a device’s buffers', () => {
  it('has classes of sizes at most an eighth apart, each its own class', () => {
    for (const bytes of [1, 4, 255, 256, 257, 4096, 4100, 1_000_003, 123_456_789]) {
      const size = sizeClass(bytes);
      expect(size).toBeGreaterThanOrEqual(bytes);
      expect(size).toBeLessThanOrEqual(Math.max(256, 1.125 * bytes + 4));
      expect(size % 4).toBe(0);
      expect(sizeClass(size)).toBe(size);
    }
  });

  it('uses a buffer again for another size of its class and the same usage', () => {
    const { device } = countingDevice();
    const pool = new BufferPool(device);
    const first = pool.acquireBuffer(1_000_000, 1);
    pool.releaseBuffer(first);
    expect(pool.acquireBuffer(1_000_000, 2)).not.toBe(first);
    expect(pool.acquireBuffer(1_010_000, 1)).toBe(first);
    expect(pool.acquireBuffer(1_010_000, 1)).not.toBe(first);
    const exact = pool.acquireBuffer(1001 * 4, 1, true, false);
    expect(exact.size).toBe(1001 * 4);
    const before = pool.numBytesAllocated;
    pool.releaseBuffer(exact, false);
    expect(pool.numBytesAllocated).toBe(before - exact.size);
  });

  it('gives back what lay idle longest, and stays within its bound', () => {
    const { device, alive } = countingDevice();
    const pool = new BufferPool(device);
    for (let size = 1; size <= 200; size++) {
      const both = [pool.acquireBuffer(size * MIB, 1), pool.acquireBuffer(size * MIB, 1)];
      for (const one of both) pool.releaseBuffer(one);
      expect(pool.numBytesAllocated).toBeLessThanOrEqual(1.25 * 2 * sizeClass(size * MIB) + 64 * MIB);
      expect(alive()).toBe(pool.numBytesAllocated);
    }
    expect(pool.numBytesUsed).toBe(0);
    // The latest are still there.
    const before = pool.numBytesAllocated;
    pool.acquireBuffer(200 * MIB, 1);
    expect(pool.numBytesAllocated).toBe(before);
    pool.dispose();
    expect(alive()).toBe(0);
  });
});
