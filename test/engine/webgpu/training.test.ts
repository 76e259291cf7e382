import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../../src/engine/select.js';
import { relativeError } from '../../helpers/compare.js';
import { gradientsOf } from './netGradients.js';
import { describeWebGpu } from './setup.js';

describeWebGpu('training on a graphics device', () => {
  beforeAll(async () => void (await selectBackend('webgpu')));
  afterAll(() => expect(tf.memory().numTensors).toBe(0));

  it.each(['bench', 'fast-proxy', 'fast-proxy-muon', 'fast94-muon', 'deep'] as const)(
    'loss and gradients of %s are those of the processor',
    { timeout: 240_000 },
    async (net) => {
      await selectBackend('wasm');
      const expected = await gradientsOf(net);
      await selectBackend('webgpu');
      const actual = await gradientsOf(net);
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(1e-5);
      expected.gradients.forEach((gradient, i) =>
        expect(relativeError(actual.gradients[i], gradient), `gradient ${i}`).toBeLessThan(1e-5),
      );
    },
  );

  it('gives the same bits again', { timeout: 120_000 }, async () => {
    const first = await gradientsOf('fast-proxy', { images: 20 });
    const again = await gradientsOf('fast-proxy', { images: 20 });
    expect(again.loss).toBe(first.loss);
    first.gradients.forEach((gradient, i) => expect(again.gradients[i]).toEqual(gradient));
  });

  it('takes no more of the device’s memory, step by step', { timeout: 120_000 }, async () => {
    const backend = tf.backend() as unknown as { memory(): { numBytesAllocatedInGPU: number } };
    const allocated: number[] = [];
    for (let step = 0; step < 6; step++) {
      await gradientsOf('fast-proxy');
      allocated.push(backend.memory().numBytesAllocatedInGPU);
    }
    expect(allocated[5]).toBe(allocated[2]);
  });
});
