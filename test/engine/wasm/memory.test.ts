import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { MAX_HEAP_BYTES, WasmOutOfMemoryError } from '../../../src/engine/wasm/guardAllocations.js';
import type { BackendWasm } from '../../../src/engine/wasm/heap.js';

const heapBytes = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;

beforeAll(async () => {
  await selectBackend('wasm');
});

it('keeps tensors, bytes and the heap at one size over training steps', () => {
  const x = tf.randomNormal<tf.Rank.R4>([8, 16, 16, 16], 0, 1, 'float32', 1);
  const filter = tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 16, 16], 0, 1, 'float32', 2));
  const bias = tf.variable(tf.zeros<tf.Rank.R1>([16]));
  const step = () => {
    const { value, grads } = tf.variableGrads(() => {
      const y = convBiasActivation(x, filter, bias, { activation: 'relu' });
      // Twice, so that a gradient by an activation is taken too.
      return tf.mean(convBiasActivation(y, filter as tf.Tensor4D, null));
    }, [filter, bias]);
    // The filter becomes another tensor at each step: XNNPACK must let go of the one before.
    tf.tidy(() => {
      filter.assign(tf.sub(filter, tf.mul(grads[filter.name], 0.01)));
    });
    tf.dispose([value, grads]);
  };
  for (let i = 0; i < 5; i++) step();
  const { numTensors, numBytes } = tf.memory();
  const heap = heapBytes();
  for (let i = 0; i < 40; i++) step();
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(tf.memory().numBytes).toBe(numBytes);
  expect(heapBytes()).toBe(heap);
  tf.dispose([x, filter, bias]);
});

it('throws instead of computing nonsense when the heap is full', async () => {
  const { maxHeapBytes } = await selectBackend('wasm');
  expect(maxHeapBytes).toBe(MAX_HEAP_BYTES);
  const before = tf.memory().numTensors;
  const backend = tf.backend() as BackendWasm;
  const allocate = (mebibytes: number) => () => backend.makeOutput([mebibytes, 2 ** 18], 'float32');
  const held = allocate(3000)();
  expect(allocate(1200)).toThrow(/no room for a tensor of 1200 MiB: its heap is \d+ MiB/);
  backend.disposeData(held.dataId);
  for (const mebibytes of [4096, 5000, 8193]) {
    expect(allocate(mebibytes)).toThrow(WasmOutOfMemoryError);
    expect(allocate(mebibytes)).toThrow(
      new RegExp(`no room for a tensor of ${mebibytes} MiB: its heap is \\d+ MiB and can grow to 4096 MiB`),
    );
  }
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.tidy(() => tf.sum(tf.ones([10])).dataSync()[0])).toBe(10);
});
