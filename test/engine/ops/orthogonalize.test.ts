import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { frobeniusNorm, orthogonalize } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';
import { extremeSingularValues, newtonSchulz } from '../../helpers/matrix.js';

describe.each(['cpu', 'wasm'] as const)('orthogonalize on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it.each([
    { name: 'wide', rows: 12, columns: 50 },
    { name: 'tall', rows: 54, columns: 8 },
    { name: 'square', rows: 7, columns: 7 },
    { name: 'one row', rows: 1, columns: 9 },
  ])('$name: as plain loops have it', ({ rows, columns }) => {
    const before = tf.memory().numTensors;
    const values = normals(rows * columns, 1).map((value) => 3 * value);
    const matrix = tf.tensor2d(values, [rows, columns]);
    for (const [steps, coefficients] of [
      [3, [3.4445, -4.775, 2.0315]],
      [0, [3.4445, -4.775, 2.0315]],
      [1, [2, -1.5, 0.5]],
    ] as const) {
      const x = orthogonalize(matrix, steps, coefficients);
      const expected = newtonSchulz(
        { rows, columns, values: Float64Array.from(values) },
        steps,
        coefficients,
      );
      expect(x.shape).toEqual([rows, columns]);
      expectClose(`${steps} steps`, x.dataSync(), expected.values, 1e-5);
      x.dispose();
    }
    matrix.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('brings the singular values of a long random matrix near 1', () => {
    const matrix = tf.tensor2d(normals(16 * 144, 2), [16, 144]);
    const x = orthogonalize(matrix);
    const [smallest, largest] = extremeSingularValues({
      rows: 16,
      columns: 144,
      values: Float64Array.from(x.dataSync()),
    });
    // The polynomial takes [.55, 1.05] to [.682, 1.203].
    expect(smallest).toBeGreaterThan(0.68);
    expect(largest).toBeLessThan(1.204);
    tf.dispose([matrix, x]);
  });

  it('leaves zeros zero, and lets NaN through', () => {
    const zeros = tf.zeros<tf.Rank.R2>([3, 5]);
    const nan = tf.tensor2d([NaN, 1, 2, 3], [2, 2]);
    const [x, y] = [orthogonalize(zeros), orthogonalize(nan)];
    expect(Array.from(x.dataSync())).toEqual(new Array(15).fill(0));
    expect(Array.from(y.dataSync())).toEqual(new Array(4).fill(NaN));
    tf.dispose([zeros, nan, x, y]);
  });

  it('takes the norm of any tensor', () => {
    const x = tf.tensor3d([3, 0, 0, -4, 0, 12], [1, 2, 3]);
    const norm = frobeniusNorm(x);
    expect(norm.shape).toEqual([]);
    expect(norm.dataSync()[0]).toBeCloseTo(13, 5);
    tf.dispose([x, norm]);
  });
});
