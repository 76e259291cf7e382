import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { frobeniusNorm, muonUpdateAll } from '../../../src/engine/ops/index.js';
import type { MuonUpdateAllAttrs } from '../../../src/engine/ops/MuonUpdateAll.js';
import { distance, expectClose, normals } from '../../helpers/compare.js';
import { extremeSingularValues, newtonSchulz } from '../../helpers/matrix.js';
import { activate, describeOneDnn } from './setup.js';

/** Largest share of a direction's norm by which it may be off. */
const tolerance = { f32: 1e-5, bf16: 0.02 } as const;

type Coefficients = readonly [number, number, number];

const MUON: Coefficients = [3.4445, -4.775, 2.0315];

/** By which a filter of zeros moves is the direction alone. */
const ALONE = { learningRates: [-1], momentum: 0, rescales: false } as const;

/** A gradient's direction. */
function directionOf(
  values: Float32Array,
  shape: number[],
  { coefficients = MUON, steps = 3 }: { coefficients?: Coefficients; steps?: number } = {},
): tf.Tensor {
  return tf.tidy(() => {
    const gradient = tf.tensor(values, shape);
    const zeros = tf.zerosLike(gradient);
    return muonUpdateAll([zeros], [zeros], [gradient], { ...ALONE, coefficients, steps }).groups[0][0];
  });
}

export function muonUpdateTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('Muon’s update', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      backend = await activate(precision, 1);
    });

    const native = (): number => (tf.memory() as unknown as { numBytesNative: number }).numBytesNative;

    it.each([
      [216, 64, 3],
      [64, 216, 3],
      [576, 64, 3],
      [24, 12, 3],
      [7, 7, 3],
      // More than a block of the Gram matrix, and no multiple of one.
      [300, 270, 1],
      [270, 300, 2],
    ])('%i×%i: a direction as plain loops have it, %i steps', (rows, columns, steps) => {
      const values = normals(rows * columns, 1).map((value) => 0.02 * value);
      const actual = directionOf(values, [rows, columns], { steps });
      const expected = newtonSchulz({ rows, columns, values: Float64Array.from(values) }, steps, MUON);
      expect(distance(actual.dataSync(), expected.values)).toBeLessThanOrEqual(tolerance[precision]);
      actual.dispose();
    });

    it.each([[[0, -4.775, 2.0315]], [[3.4445, 0, 2.0315]], [[3.4445, -4.775, 0]], [[1.5, -0.5, 0]]] as const)(
      'by coefficients %j',
      (coefficients) => {
        const values = normals(60 * 20, 5);
        const actual = directionOf(values, [60, 20], { coefficients });
        const m = { rows: 60, columns: 20, values: Float64Array.from(values) };
        const expected = newtonSchulz(m, 3, coefficients).values;
        expect(distance(actual.dataSync(), expected)).toBeLessThanOrEqual(2 * tolerance[precision]);
        actual.dispose();
      },
    );

    it.each([
      [216, 64],
      [576, 64],
      [576, 256],
      [2304, 256],
      [256, 2304],
    ])('%i×%i: singular values end near 1, and no memory stays', (rows, columns) => {
      const before = native();
      const x = directionOf(normals(rows * columns, 2), [rows, columns]);
      const values = Float64Array.from(x.dataSync());
      const [smallest, largest] = extremeSingularValues({ rows, columns, values });
      // The polynomial takes [.55, 1.05] to [.682, 1.203]; products of bf16 blur it a little.
      expect(smallest).toBeGreaterThan(precision === 'bf16' ? 0.66 : 0.68);
      expect(largest).toBeLessThan(precision === 'bf16' ? 1.22 : 1.204);
      x.dispose();
      expect(native()).toBe(before);
    });

    it.each([true, false])('two filters at once, three steps, rescaled: %s', (rescales) => {
      const shapes = [
        [3, 3, 4, 20],
        [1, 1, 5, 8],
      ];
      const attrs: MuonUpdateAllAttrs = {
        ...{ learningRates: [0.2, 0.1], momentum: 0.6, steps: 3, coefficients: MUON, rescales, decay: 0.3 },
      };
      const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape));
      let filters = shapes.map((shape, i) => tf.tensor(normals(sizes[i], 1, i), shape));
      let buffers = filters.map((filter) => tf.zerosLike(filter));
      const expected = filters.map((filter) => Float64Array.from(filter.dataSync()));
      const momenta = sizes.map((size) => new Float64Array(size));
      for (let step = 0; step < 3; step++) {
        const gradients = shapes.map((shape, i) => tf.tensor(normals(sizes[i], 2, step, i), shape));
        const { groups } = muonUpdateAll(filters, buffers, gradients, attrs);
        gradients.forEach((gradient, i) => {
          const columns = shapes[i][3];
          const g = gradient.dataSync();
          momenta[i].forEach((b, at) => (momenta[i][at] = attrs.momentum * b + g[at]));
          const values = momenta[i].map((b, at) => g[at] + attrs.momentum * b);
          const direction = newtonSchulz({ rows: values.length / columns, columns, values }, 3, MUON).values;
          const scale = rescales ? Math.sqrt(columns) / Math.hypot(...expected[i]) : 1;
          const rate = attrs.learningRates[i];
          expected[i].forEach(
            (p, at) => (expected[i][at] = (scale * p - rate * direction[at]) * (1 - rate * attrs.decay)),
          );
        });
        tf.dispose([...filters, ...buffers, ...gradients]);
        [filters, buffers] = groups.map((group) => [...group]);
      }
      filters.forEach((filter, i) => {
        expect(distance(filter.dataSync(), expected[i])).toBeLessThanOrEqual(tolerance[precision]);
        expectClose('buffer', buffers[i].dataSync(), momenta[i], 1e-6);
      });
      tf.dispose([...filters, ...buffers]);
    });

    it('a gradient of zeros moves nothing, and one that is not a number shows in the filter', () => {
      const zeros = directionOf(new Float32Array(60), [10, 6]);
      expect([...zeros.dataSync()]).toEqual(new Array(60).fill(0));
      const spoilt = directionOf(normals(60, 1).fill(NaN, 7, 8), [10, 6]);
      expect([...spoilt.dataSync()].every(Number.isNaN)).toBe(true);
      tf.dispose([zeros, spoilt]);
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
