import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import type { Primitive } from '../../../../src/engine/onednn/ffi/primitive.js';
import { openNative } from '../../../../src/engine/onednn/ffi/native.js';
import { loadLibrary } from '../../../../src/engine/onednn/ffi/library.js';
import { convolve } from '../../../../src/engine/onednn/convolution/convolve.js';
import { geometryOf } from '../../../../src/engine/onednn/convolution/geometry.js';
import { CompiledCache } from '../../../../src/engine/onednn/memory/compiledCache.js';
import { exactValues } from '../reference.js';
import { describeOneDnn } from '../setup.js';

/** Stands for a primitive of so many bytes. */
function fake(bytes: number, onDispose: () => void = () => undefined): Primitive {
  return { bytes, dispose: onDispose } as unknown as Primitive;
}

it('is bounded by bytes: the least recently used are disposed of', () => {
  const disposed: string[] = [];
  const cache = new CompiledCache<Primitive>({ bytes: 2000 });
  const get = (key: string): Primitive => cache.get(key, () => fake(100, () => disposed.push(key)));
  for (let i = 0; i < 20; i++) get(`p${i}`);
  expect(cache.statistics()).toEqual({ entries: 20, bytes: 2000, hits: 0, misses: 20, evictions: 0 });
  get('p0');
  get('p20');
  expect(disposed).toEqual(['p1']);
  expect(cache.statistics()).toEqual({ entries: 20, bytes: 2000, hits: 1, misses: 21, evictions: 1 });
  cache.get('large', () => fake(250));
  expect(disposed).toEqual(['p1', 'p2', 'p3', 'p4']);
  expect(cache.statistics()).toMatchObject({ entries: 18, bytes: 1950 });
  get('p1');
  expect(cache.statistics().misses, 'an evicted one is built anew').toBe(23);
  cache.dispose();
  expect(cache.statistics()).toMatchObject({ entries: 0, bytes: 0 });
  expect(new Set(disposed).size).toBe(21);
});

it('is bounded by number', () => {
  const cache = new CompiledCache({ entries: 20 });
  for (let i = 0; i < 30; i++) cache.get(`p${i}`, () => fake(1));
  expect(cache.statistics()).toEqual({ entries: 20, bytes: 20, hits: 0, misses: 30, evictions: 10 });
});

it('keeps those that a kernel may have in hand, whatever their size', () => {
  const cache = new CompiledCache({ entries: 1, bytes: 1 });
  for (let i = 0; i < 30; i++) cache.get(`p${i}`, () => fake(1000));
  expect(cache.statistics()).toMatchObject({ entries: 16, evictions: 14 });
  for (let i = 14; i < 30; i++) cache.get(`p${i}`, () => fake(1000));
  expect(cache.statistics().hits).toBe(16);
});

describeOneDnn('a backend of small cache', 'f32', () => {
  let backend: OneDnnBackend;
  beforeAll(() => {
    backend = new OneDnnBackend(openNative(loadLibrary()), 'f32', { primitives: { bytes: 2 ** 21 } });
  });

  it('computes right while primitives come and go, and stays within its bound', () => {
    const filter = backend.fromHost(exactValues([3, 3, 16, 16], 1), [3, 3, 16, 16], 'float32');
    const run = (size: number): Float32Array => {
      const shape = [1, size, size, 16];
      const x = backend.fromHost(exactValues(shape, size), shape, 'float32');
      const geometry = geometryOf(shape, filter.shape, { strides: 1, pad: 'same' });
      if (geometry === null) throw new TypeError('a plain convolution');
      const y = convolve(backend, geometry, x, filter);
      const values = backend.readSync(y.dataId) as Float32Array;
      for (const { dataId } of [x, y]) backend.disposeData(dataId);
      return values;
    };
    const sizes = Array.from({ length: 40 }, (_, i) => 3 + i);
    const first = sizes.map(run);
    const { entries, bytes, evictions } = backend.primitiveStatistics();
    expect(bytes).toBeLessThanOrEqual(2 ** 21);
    expect(bytes / entries).toBeGreaterThan(2 ** 14);
    expect(evictions).toBeGreaterThan(0);
    expect(sizes.map(run)).toEqual(first);
    backend.disposeData(filter.dataId);
    expect(backend.pool.statistics().usedBlocks).toBe(0);
    backend.dispose();
    expect(backend.primitiveStatistics()).toMatchObject({ entries: 0, bytes: 0 });
    expect(tf.getBackend()).not.toBe('onednn');
  });
});
