import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCurrent } from '../../../src/engine/makeCurrent.js';
import { selectBackend } from '../../../src/engine/select.js';
import type { GpuBackend } from '../../../src/engine/webgpu/gpuBackend.js';
import type { MatrixUnit } from '../../../src/engine/webgpu/matrixUnit.js';
import { findFault } from '../../../src/engine/webgpu/selfCheck.js';
import { distance } from '../../helpers/compare.js';
import { gradientsOf } from './netGradients.js';
import { describeWebGpu } from './setup.js';

/** As cards have them: NVIDIA's and AMD's, and Apple's. */
const HALVES: readonly MatrixUnit[] = [
  { rows: 16, columns: 8, depth: 16, type: 'f16', subgroup: 32 },
  { rows: 16, columns: 16, depth: 16, type: 'f16', subgroup: 64 },
];
const FULL: MatrixUnit = { rows: 8, columns: 8, depth: 8, type: 'f32', subgroup: 32 };

describeWebGpu('products by matrices, which are emulated', () => {
  const use = async (unit?: MatrixUnit): Promise<void> => {
    await makeCurrent('webgpu');
    (tf.backend() as unknown as GpuBackend).matrixUnit = unit && { ...unit, isEmulated: true };
  };

  beforeAll(async () => void (await selectBackend('webgpu', { precision: 'f16' })));
  afterAll(async () => {
    await use();
    await selectBackend('webgpu');
    expect(tf.memory().numTensors).toBe(0);
  });

  it.each(HALVES)(
    'of $rows×$columns×$depth in $type pass the self-check',
    { timeout: 240_000 },
    async (unit) => {
      const reference = async (): Promise<void> => void (await selectBackend('cpu'));
      expect(await findFault(reference, () => use(unit), 'factors')).toBeUndefined();
    },
  );

  it('of numbers in 32 bits give the gradients of plain sums', { timeout: 240_000 }, async () => {
    await use();
    const expected = await gradientsOf('fast-proxy-muon', { factor: 2 ** 12 });
    await use(FULL);
    const actual = await gradientsOf('fast-proxy-muon', { factor: 2 ** 12 });
    // Sums in another order are rounded to other numbers of 16 bits now and then.
    expected.gradients.forEach((gradient, i) =>
      expect(distance(actual.gradients[i], gradient), `gradient ${i}`).toBeLessThan(0.02),
    );
  });
});
