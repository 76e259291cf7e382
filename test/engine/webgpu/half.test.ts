import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { convBiasActivation } from '../../../src/engine/ops/convBiasActivation.js';
import { gelu } from '../../../src/engine/ops/Gelu.js';
import { scaleAll } from '../../../src/engine/ops/ScaleAll.js';
import { selectBackend } from '../../../src/engine/select.js';
import type { GpuBackend } from '../../../src/engine/webgpu/gpuBackend.js';
import { distance, normals } from '../../helpers/compare.js';
import { gradientsOf } from './netGradients.js';
import { describeWebGpu } from './setup.js';

const device = (): GpuBackend => tf.backend() as unknown as GpuBackend;

/** So many digits of two has a number of 16 bits: rounding to the nearest changes it by half of the last one. */
const ROUNDING = 2 ** -11;

describeWebGpu('activations in 16 bits', () => {
  beforeAll(async () => void (await selectBackend('webgpu', { precision: 'f16' })));
  afterAll(async () => {
    expect(tf.memory().numTensors).toBe(0);
    await selectBackend('webgpu');
  });

  it('take half the bytes, and are the nearest to those in 32', async () => {
    const x = tf.tensor1d(normals(1001, 1));
    const y = gelu(x);
    const [half, given] = [y, x].map(({ dataId }) => device().tensorMap.get(dataId));
    expect([half.isHalf, given.isHalf]).toEqual([true, undefined]);
    expect(device().tensorToBinding(y)).toMatchObject({ size: 2004 });
    expect(device().tensorToBinding(x)).toMatchObject({ size: 4004 });
    const actual = await y.data();
    // Read, multiplied by tfjs's own kernel, and turned into another shape.
    const doubled = tf.tidy(() => tf.reshape(tf.mul(y, 2), [7, 143]));
    const twice = await doubled.data();
    await selectBackend('webgpu');
    const z = gelu(x);
    const expected = await z.data();
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(Math.abs(value) * ROUNDING + 2 ** -25);
      expect(twice[i]).toBe(2 * actual[i]);
    });
    expect(actual.some((value, i) => value !== expected[i])).toBe(true);
    tf.dispose([x, y, z, doubled]);
    await selectBackend('webgpu', { precision: 'f16' });
  });

  it('that do not fit become infinite, and what is no number does not get lost', async () => {
    const filter = tf.tensor4d([300], [1, 1, 1, 1]);
    const x = tf.tensor4d([1, 300, NaN, 218], [1, 2, 2, 1]);
    const y = convBiasActivation(x, filter, null);
    const values = await y.data();
    expect(values[0]).toBe(300);
    expect([values[1], values[2]].map(Number.isFinite)).toEqual([false, false]);
    // 65,400 lies between two numbers of 16 bits, 32 apart.
    expect(values[3]).toBe(65408);
    const { groups, notFinite } = scaleAll([y], 1);
    expect([...((await notFinite?.data()) ?? [])]).toEqual([1]);
    tf.dispose([filter, x, y, ...groups.flat(), ...(notFinite === undefined ? [] : [notFinite])]);
  });

  it.each(['bench', 'fast-proxy-muon'] as const)(
    'gradients of %s are those of 32 bits but for their rounding',
    { timeout: 240_000 },
    async (net) => {
      // As in training: without it the smallest are lost.
      const factor = 2 ** 12;
      const actual = await gradientsOf(net, { factor });
      const again = await gradientsOf(net, { factor });
      await selectBackend('webgpu');
      const expected = await gradientsOf(net, { factor });
      await selectBackend('webgpu', { precision: 'f16' });
      expect(Math.abs(actual.loss - expected.loss)).toBeLessThan(0.01);
      expected.gradients.forEach((gradient, i) => {
        // Of activations that are nearly equal, rounding makes another the maximum.
        expect(distance(actual.gradients[i], gradient), `gradient ${i}`).toBeLessThan(0.05);
        expect(again.gradients[i]).toEqual(actual.gradients[i]);
      });
    },
  );
});
