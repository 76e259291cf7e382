import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import {
  type UpdatedAll,
  adamUpdateAll,
  lerpAll,
  movingMoments,
  scaleAll,
  muonUpdateAll,
  sgdUpdateAll,
} from '../../../src/engine/ops/index.js';
import { startProfile } from '../../../src/engine/profile.js';
import { selectBackend } from '../../../src/engine/select.js';
import { sizeClass } from '../../../src/engine/webgpu/bufferPool.js';
import { BLOCK } from '../../../src/engine/webgpu/slab.js';
import { normals, relativeError } from '../../helpers/compare.js';
import { describeWebGpu } from './setup.js';

/** Of sizes below, at and above those of blocks; filters tall, wide and square, of which two are equal neighbours. */
const SHAPES: readonly (readonly number[])[] = [
  [3],
  [64],
  [65],
  [2, 3, 5, 7],
  [3, 3, 8, 20],
  [3, 3, 8, 20],
  [1, 1, 9, 40],
];
const FILTERS = SHAPES.slice(3);

const random = (shapes: readonly (readonly number[])[], name: number): tf.Tensor[] =>
  shapes.map((shape, i) => {
    const values = normals(tf.util.sizeFromShape([...shape]), name, i);
    // The third group of Adam's is of squares.
    return tf.tensor(name === 2 ? values.map(Math.abs) : values, [...shape]);
  });

const rates = (shapes: readonly unknown[]): number[] => shapes.map((_, i) => 0.01 * (i + 1));

/** Three updates, one on the results of another; parameters and slots are taken apart and put together as training does. */
type Update = (groups: readonly tf.Tensor[][], gradients: tf.Tensor[]) => UpdatedAll;

async function threeSteps(
  backend: 'cpu' | 'webgpu',
  update: Update,
  shapes: readonly (readonly number[])[],
  slots: number,
): Promise<Float32Array[]> {
  await selectBackend(backend);
  const before = tf.memory().numTensors;
  let groups = Array.from({ length: 1 + slots }, (_, i) => random(shapes, i));
  for (let step = 0; step < 3; step++) {
    const gradients = random(shapes, 10 + step);
    const updated = update(groups, gradients);
    if (updated.notFinite !== undefined) {
      expect([...(await updated.notFinite.data())]).toEqual([0]);
      updated.notFinite.dispose();
    }
    tf.dispose([groups, gradients] as tf.Tensor[][][]);
    groups = updated.groups.map((group) => [...group]);
  }
  const values: Float32Array[] = [];
  for (const tensor of groups.flat()) values.push((await tensor.data()) as Float32Array);
  tf.dispose(groups);
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

const UPDATES: Record<string, { update: Update; shapes: readonly (readonly number[])[]; slots: number }> = {
  Adam: {
    update: ([p, m, v], g) =>
      adamUpdateAll(p, m, v, g, { learningRates: rates(p), beta1: 0.9, beta2: 0.99, epsilon: 1e-7 }),
    shapes: SHAPES,
    slots: 2,
  },
  AdamW: {
    update: ([p, m, v], g) =>
      adamUpdateAll(p, m, v, g, {
        ...{ learningRates: rates(p), beta1: 0.9, beta2: 0.99, epsilon: 1e-7 },
        kept: p.map((_, i) => 1 - i / 100),
      }),
    shapes: SHAPES,
    slots: 2,
  },
  SGD: {
    update: ([p, b], g) =>
      sgdUpdateAll(p, b, g, {
        ...{ learningRates: rates(p), weightDecays: p.map((_, i) => i / 50) },
        ...{ momentum: 0.85, nesterov: true },
      }),
    shapes: SHAPES,
    slots: 1,
  },
  'Muon without rescaling, with decay': {
    update: ([p, b], g) =>
      muonUpdateAll(p, b, g, {
        ...{ learningRates: rates(p), momentum: 0.6, steps: 3, rescales: false, decay: 0.5 },
        coefficients: [3.4576, -4.7391, 2.0843],
      }),
    shapes: FILTERS,
    slots: 1,
  },
  Muon: {
    update: ([p, b], g) => muonUpdateAll(p, b, g, { learningRates: rates(p), momentum: 0.6, steps: 3 }),
    shapes: FILTERS,
    slots: 1,
  },
};

describeWebGpu('updates of many parameters at once on a graphics device', () => {
  beforeAll(async () => void (await selectBackend('webgpu')));

  it.each(Object.entries(UPDATES))(
    'three steps of %s, as the host makes them',
    async (_name, { update, shapes, slots }) => {
      const expected = await threeSteps('cpu', update, shapes, slots);
      const actual = await threeSteps('webgpu', update, shapes, slots);
      expected.forEach((values, i) =>
        expect(relativeError(actual[i], values), `tensor ${i}`).toBeLessThan(1e-5),
      );
    },
  );

  it('running averages, and products with a number', async () => {
    await selectBackend('cpu');
    const average = (): tf.Tensor[] => tf.tidy(() => [...lerpAll(random(SHAPES, 1), random(SHAPES, 2), 0.3)]);
    const moments = (): tf.Tensor[] =>
      tf.tidy(() => {
        const [mean, variance, ...batch] = random([[70], [70], [70], [70]], 3);
        const attrs = { momentum: 0.6, varianceFactor: 1.5 };
        return Object.values(
          movingMoments({ mean, variance }, { mean: batch[0], variance: batch[1] }, attrs),
        );
      });
    const scaled = (): tf.Tensor[] => tf.tidy(() => [...scaleAll(random(SHAPES, 1), 0.25).groups[0]]);
    const all = (): tf.Tensor[] => [...average(), ...moments(), ...scaled()];
    const expected = all().map((tensor) => tensor.dataSync());
    await selectBackend('webgpu');
    const actual = await Promise.all(all().map((tensor) => tensor.data()));
    expected.forEach((values, i) => expect(relativeError(actual[i], values)).toBeLessThan(1e-6));
  });

  it.each([NaN, Infinity, -Infinity])('say when a gradient has %d', async (stray) => {
    await selectBackend('webgpu');
    for (const { update, shapes, slots } of Object.values(UPDATES)) {
      const groups = Array.from({ length: 1 + slots }, (_, i) => random(shapes, i));
      const gradients = random(shapes, 9);
      const last = gradients.length - 1;
      const values = Float32Array.from(await gradients[last].data());
      values[values.length - 1] = stray;
      gradients[last] = tf.tensor(values, gradients[last].shape);
      const { notFinite } = update(groups, gradients);
      expect([...((await notFinite?.data()) ?? [])]).toEqual([1]);
    }
  });

  it('are profiled with all that they read, the gradients once more where they are brought together', async () => {
    await selectBackend('webgpu');
    const { update, shapes, slots } = UPDATES.Adam;
    const first = Array.from({ length: 1 + slots }, (_, i) => random(shapes, i));
    const { groups } = update(first, random(shapes, 9));
    const profile = startProfile();
    update(
      groups.map((group) => [...group]),
      random(shapes, 10),
    );
    const report = await profile?.report();
    const elements = shapes.reduce((sum, shape) => sum + tf.util.sizeFromShape([...shape]), 0);
    if (report?.on !== 'device') throw new Error('A profile of a processor.');
    const [{ name, dispatches, bytes, leastBytes }] = report.kernels;
    expect([name, dispatches]).toEqual(['AdamUpdateAll', 1]);
    // Parameters and two moments, read and written, gradients, and the flag.
    expect(leastBytes).toBe(4 * (7 * elements + 1));
    expect(bytes).toBeGreaterThan(4 * 9 * elements);
    expect(bytes).toBeLessThan(4 * (9 * elements + 7 * shapes.length * BLOCK + 1000));
  });

  it('weights that lie in one buffer are read, copied and freed one by one', async () => {
    await selectBackend('webgpu');
    const backend = tf.backend() as unknown as { memory(): { numBytesInGPU: number } };
    const shapes = [[100], [7, 9], [64]];
    const values = (tensors: readonly tf.Tensor[]) => Promise.all(tensors.map((one) => one.data()));
    const [a, b] = [random(shapes, 1), random(shapes, 2)];
    const expected = await values(a);
    await values(b);
    const inUse: number[] = [];
    for (let round = 0; round < 2; round++) {
      const made = lerpAll(a, b, 0);
      expect(await values(made)).toEqual(expected);
      const copy = tf.add(made[1], 0);
      // In another order, so that they are brought together anew.
      const order = [1, 0, 2];
      const again = lerpAll(
        order.map((i) => made[i]),
        order.map((i) => b[i]),
        0,
      );
      tf.dispose([made[0], made[2]]);
      for (const one of [made[1], copy, again[0]]) expect(await one.data()).toEqual(expected[1]);
      expect(() => made[1].dataToGPU()).toThrow('clone');
      tf.dispose([made[1], copy, ...again]);
      // What waits to be submitted is freed after it.
      await tf.tidy(() => tf.add(a[0], 1)).data();
      inUse.push(backend.memory().numBytesInGPU);
    }
    // The last sums, which were kept.
    expect(inUse[1] - inUse[0]).toBe(sizeClass(4 * 100));
  });
});
