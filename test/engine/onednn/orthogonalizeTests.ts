import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { frobeniusNorm, orthogonalize } from '../../../src/engine/ops/index.js';
import { normals } from '../../helpers/compare.js';
import { extremeSingularValues, newtonSchulz } from '../../helpers/matrix.js';
import { activate, describeOneDnn } from './setup.js';

/** Largest share of the result's norm by which it may be off. */
const tolerance = { f32: 1e-5, bf16: 0.02 } as const;

export function orthogonalizeTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('orthogonalize', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      backend = await activate(precision, 1);
    });

    it.each([
      [216, 64],
      [64, 216],
      [576, 64],
      [24, 12],
    ])('%i×%i: as plain loops have it', (rows, columns) => {
      const values = normals(rows * columns, 1).map((value) => 0.02 * value);
      const actual = tf.tidy(() => orthogonalize(tf.tensor2d(values, [rows, columns])).dataSync<'float32'>());
      const expected = newtonSchulz(
        { rows, columns, values: Float64Array.from(values) },
        3,
        [3.4445, -4.775, 2.0315],
      );
      const error = expected.values.reduce((sum, value, i) => sum + (actual[i] - value) ** 2, 0);
      const size = expected.values.reduce((sum, value) => sum + value ** 2, 0);
      expect(Math.sqrt(error / size)).toBeLessThanOrEqual(tolerance[precision]);
    });

    it.each([
      [216, 64],
      [576, 64],
      [576, 256],
      [2304, 256],
      [256, 2304],
    ])('%i×%i: singular values end near 1', (rows, columns) => {
      const run = (): tf.Tensor2D =>
        tf.tidy(() => orthogonalize(tf.tensor2d(normals(rows * columns, 2), [rows, columns])));
      // The first one leaves constants for the sums.
      run().dispose();
      const before = tf.memory() as unknown as { numBytesNative: number };
      const x = run();
      const values = Float64Array.from(x.dataSync());
      const [smallest, largest] = extremeSingularValues({ rows, columns, values });
      // The polynomial takes [.55, 1.05] to [.682, 1.203]; products of bf16 blur it a little.
      expect(smallest).toBeGreaterThan(precision === 'bf16' ? 0.66 : 0.68);
      expect(largest).toBeLessThan(precision === 'bf16' ? 1.22 : 1.204);
      x.dispose();
      const { numBytesNative } = tf.memory() as unknown as typeof before;
      expect(numBytesNative).toBe(before.numBytesNative);
    });

    it('takes the norm of a large tensor to f32’s precision', () => {
      const values = normals(9 * 256 * 256, 3);
      const expected = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      const norm = tf.tidy(() => frobeniusNorm(tf.tensor4d(values, [3, 3, 256, 256])).dataSync()[0]);
      expect(Math.abs(norm / expected - 1)).toBeLessThanOrEqual(1e-6);
    });

    it('used no fall-back', () => {
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });
  });
}
