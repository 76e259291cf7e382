import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { giveBackFree } from '../../../src/engine/keptMemory.js';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { MemoryError, OneDnnError } from '../../../src/engine/onednn/errors.js';
import { MemoryPool, sizeClass } from '../../../src/engine/onednn/memory/memoryPool.js';
import { onednnProvider } from '../../../src/engine/onednn/provider.js';
import { fallbackKernels } from '../../../src/engine/onednn/register.js';
import { exactValues } from './reference.js';
import { activate, describeOneDnn } from './setup.js';

describeOneDnn('backend', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(async () => {
    backend = await activate('f32', 1);
  });

  const used = (): [number, number] => {
    const { usedBytes, usedBlocks } = backend.pool.statistics();
    return [usedBytes, usedBlocks];
  };

  it('gives back what was written, of any size and type, and keeps a copy of its own', () => {
    for (const size of [1, 7, 5000]) {
      const values = exactValues([size], 1);
      const tensor = tf.tensor1d(values);
      const whole = tf.tensor1d(
        Int32Array.from(values, (v) => v * 64),
        'int32',
      );
      const truth = tf.tensor1d(
        Uint8Array.from(values, (v) => (v > 0 ? 1 : 0)),
        'bool',
      );
      const first = values[0];
      values[0] = 99;
      expect(tensor.dataSync()[0]).toBe(first);
      expect(whole.dataSync()).toEqual(Int32Array.from(exactValues([size], 1), (v) => v * 64));
      expect(truth.dataSync()).toEqual(Uint8Array.from(exactValues([size], 1), (v) => (v > 0 ? 1 : 0)));
      tensor.dataSync()[0] = 99;
      expect(tensor.dataSync()[0]).toBe(first);
      tf.dispose([tensor, whole, truth]);
    }
    expect(tf.tensor1d(['one', 'two']).dataSync()).toEqual(['one', 'two']);
    expect(tf.scalar(3).dataSync()[0]).toBe(3);
    expect(tf.zeros([0, 4]).dataSync()).toHaveLength(0);
  });

  it('gives the memory of tensors that are gone back to the system when it is told to', () => {
    const before = tf.tensor1d(exactValues([5000], 1));
    tf.ones([64, 64, 4]).dispose();
    expect(backend.pool.statistics().freeBytes).toBeGreaterThan(0);
    giveBackFree();
    expect(backend.pool.statistics().freeBytes).toBe(0);
    expect(before.dataSync()).toEqual(exactValues([5000], 1));
    before.dispose();
  });

  it('counts native memory and frees it with the last tensor of a data id', () => {
    const before = used();
    const tensor = tf.ones([64, 64, 4]);
    const memory = tf.memory() as tf.MemoryInfo & { numBytesNative: number };
    expect(memory.numBytesNative).toBe(used()[0]);
    expect(used()[0] - before[0]).toBe(sizeClass(64 * 64 * 4 * 4));
    const view = tf.reshape(tensor, [64, 256]);
    tensor.dispose();
    expect(view.dataSync()[5]).toBe(1);
    view.dispose();
    expect(used()).toEqual(before);
  });

  it('frees converted copies and what a pooling notes for its gradient', () => {
    const before = used();
    tf.tidy(() => {
      const x = tf.tensor4d(exactValues([2, 16, 16, 16], 1), [2, 16, 16, 16]);
      const filter = tf.tensor4d(exactValues([3, 3, 16, 16], 2), [3, 3, 16, 16]);
      tf.maxPool(tf.conv2d(x, filter, 1, 'same'), 2, 2, 'same').dataSync();
    });
    expect(used()).toEqual(before);
  });

  it('reuses blocks: no new memory when the same shapes come again', () => {
    const step = (): void => {
      tf.tidy(() => tf.matMul(tf.ones([100, 100]), tf.ones([100, 100])).dataSync());
    };
    step();
    const { systemAllocations } = backend.pool.statistics();
    for (let i = 0; i < 20; i++) step();
    expect(backend.pool.statistics().systemAllocations).toBe(systemAllocations);
  });

  it('falls back to tfjs’s CPU kernels correctly, and counts them', () => {
    backend.statistics.reset();
    const values = exactValues([50, 100], 3);
    const actual = tf.tidy(() => tf.reverse(tf.tensor2d(values, [50, 100]), 0).dataSync());
    expect(actual[1]).toBe(values[4901]);
    expect(backend.statistics.report().fallbacksHit).toEqual({ Reverse: 1 });
    expect(tf.tidy(() => tf.reverse(tf.tensor2d([1, 2], [1, 2])).shape)).toEqual([1, 2]);
    expect(backend.statistics.report().fallbacksHit, 'small tensors do not count').toEqual({ Reverse: 1 });
    backend.statistics.reset();
    expect(fallbackKernels()).toContain('Reverse');
    expect(fallbackKernels()).not.toContain('Conv2D');
  });

  it('uses CPU kernels for forms of its own kernels that it does not have', () => {
    const x = exactValues([2, 6, 6, 32], 4);
    tf.tidy(() => {
      const image = tf.tensor4d(x, [2, 6, 6, 32]);
      const middle = tf.mean(image, 1).dataSync();
      let sum = 0;
      for (let i = 0; i < 6; i++) sum += x[i * 6 * 32];
      expect(middle[0]).toBeCloseTo(sum / 6, 5);
    });
    backend.statistics.reset();
  });

  it('times kernels when asked to', () => {
    backend.statistics.reset();
    backend.statistics.isProfiling = true;
    tf.tidy(() => tf.matMul(tf.ones([100, 100]), tf.ones([100, 100])));
    backend.statistics.isProfiling = false;
    const { kernels, allocatedBytes } = backend.statistics.report();
    expect(kernels.find(({ name }) => name === 'BatchMatMul')).toMatchObject({ calls: 1 });
    expect(allocatedBytes).toBeGreaterThan(40_000);
    backend.statistics.reset();
  });

  it('says which sizes there are when memory is short', () => {
    const pool = new MemoryPool(backend.native.library, () => 2 ** 28);
    expect(() => pool.allocate(2 ** 30)).toThrow(MemoryError);
    expect(() => pool.allocate(2 ** 30)).toThrow(/needs 1024\.0 MiB, but the system has 256\.0 MiB left/);
    expect(pool.statistics().usedBytes).toBe(0);
  });

  it('gives free blocks back to the system on request', () => {
    const pool = new MemoryPool(backend.native.library);
    const block = pool.allocate(1000);
    expect(block.bytes).toBe(1024);
    pool.release(block);
    expect(pool.statistics()).toMatchObject({ usedBytes: 0, freeBytes: 1024, peakBytes: 1024 });
    expect(pool.allocate(1000).pointer).toBe(block.pointer);
    pool.release(block);
    pool.trim();
    expect(pool.statistics()).toMatchObject({ freeBytes: 0, systemAllocations: 1 });
  });

  it('refuses types that oneDNN does not have', () => {
    const strings = tf.tensor1d(['a']);
    expect(() => backend.layout(strings)).toThrow(OneDnnError);
    strings.dispose();
  });

  it('reports the library, the CPU and the choice', async () => {
    const probe = await onednnProvider.probe();
    expect(probe.version).toMatch(/^[23]\.\d+\.\d+$/);
    expect(Object.keys(probe.details ?? {})).toEqual([
      'library',
      'instructionSet',
      'precision',
      'cpuFeatures',
      'machineCode',
      'threads',
    ]);
  });
});
