import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { batchNormTraining, denseBiasActivation, globalAveragePool } from '../../../src/engine/ops/index.js';
import { reluGrad } from '../../../src/engine/ops/ReluGrad.js';
import { accumulator, exactValues, worstError } from './reference.js';
import { activate, asActivation, describeOneDnn } from './setup.js';

/** bf16 keeps 8 bits: rounding errs by up to 2⁻⁸ of the value. */
const rounding = { f32: 1e-6, bf16: 1.001 * 2 ** -8 } as const;

type Shape4 = [number, number, number, number];
const imageShapes: readonly Shape4[] = [
  [2, 4, 4, 16],
  [1, 5, 7, 3],
  [3, 6, 5, 24],
  [2, 1, 1, 32],
];

export function layerTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('layers', precision, () => {
    let backend: OneDnnBackend;
    const type = rounding[precision];
    beforeAll(async () => {
      backend = await activate(precision);
    });

    it('multiplies matrices, transposed or not, with odd sizes', () => {
      for (const [m, k, n] of [
        [3, 5, 7],
        [1, 33, 20],
        [64, 48, 10],
      ]) {
        for (const [transposeA, transposeB] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ]) {
          const a = exactValues([m, k], 1);
          const b = exactValues([k, n], 2);
          const expected = accumulator(m * n);
          for (let i = 0; i < m; i++)
            for (let j = 0; j < n; j++)
              for (let p = 0; p < k; p++)
                expected.add(
                  i * n + j,
                  a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j],
                );
          const actual = tf.tidy(() =>
            tf
              .matMul(
                tf.tensor2d(a, transposeA ? [k, m] : [m, k]),
                tf.tensor2d(b, transposeB ? [n, k] : [k, n]),
                transposeA,
                transposeB,
              )
              .dataSync(),
          );
          const label = `${m}×${k}×${n} ${transposeA} ${transposeB}`;
          expect(worstError(actual, expected, 1e-6), label).toBeLessThanOrEqual(1);
        }
      }
    });

    it('multiplies batches of matrices', () => {
      const a = exactValues([3, 4, 5], 1);
      const b = exactValues([3, 6, 5], 2);
      const expected = accumulator(3 * 4 * 6);
      for (let s = 0; s < 3; s++)
        for (let i = 0; i < 4; i++)
          for (let j = 0; j < 6; j++)
            for (let p = 0; p < 5; p++)
              expected.add((s * 4 + i) * 6 + j, a[(s * 4 + i) * 5 + p] * b[(s * 6 + j) * 5 + p]);
      const actual = tf.tidy(() =>
        tf.matMul(tf.tensor3d(a, [3, 4, 5]), tf.tensor3d(b, [3, 6, 5]), false, true).dataSync(),
      );
      expect(worstError(actual, expected, 1e-6)).toBeLessThanOrEqual(1);
    });

    it('dense layer: forward with ReLU, and gradients', () => {
      const [n, k, m] = [5, 19, 33];
      const [x, w, b, dy] = [[n, k], [k, m], [m], [n, m]].map((shape, i) => exactValues(shape, i));
      const y = accumulator(n * m);
      for (let i = 0; i < n * m; i++) y.add(i, b[i % m]);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) for (let p = 0; p < k; p++) y.add(i * m + j, x[i * k + p] * w[p * m + j]);
      const [dx, dw, db] = [accumulator(n * k), accumulator(k * m), accumulator(m)];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < m; j++) {
          if (y.value[i * m + j] <= 0) continue;
          db.add(j, dy[i * m + j]);
          for (let p = 0; p < k; p++) {
            dx.add(i * k + p, dy[i * m + j] * w[p * m + j]);
            dw.add(p * m + j, dy[i * m + j] * x[i * k + p]);
          }
        }
      const actual = tf.tidy(() => {
        const inputs = [tf.tensor2d(x, [n, k]), tf.tensor2d(w, [k, m]), tf.tensor1d(b)];
        const f = (...[xt, wt, bt]: tf.Tensor[]): tf.Tensor =>
          denseBiasActivation(xt as tf.Tensor2D, wt as tf.Tensor2D, bt as tf.Tensor1D, 'relu');
        const gradients = tf.grads(f)(inputs, tf.tensor2d(dy, [n, m]));
        return [f(...inputs), ...gradients].map((tensor) => tensor.dataSync());
      });
      const relu = { ...y, value: y.value.map((v) => Math.max(v, 0)) };
      expect(worstError(actual[0], relu, type), 'y').toBeLessThanOrEqual(1);
      for (const [i, [label, expected]] of (
        [
          ['dx', dx],
          ['dw', dw],
          ['db', db],
        ] as const
      ).entries()) {
        expect(worstError(actual[i + 1], expected, 1e-6), label).toBeLessThanOrEqual(1);
      }
    });

    /** Max-pooling of windows side by side, forward and gradient, bit for bit as plain loops have it. */
    function checkMaxPool(
      shape: Shape4,
      size: number,
      pad: 'same' | 'valid',
      make: (values: Float32Array) => tf.Tensor4D,
    ): void {
      const [n, h, w, c] = shape;
      // Distinct values within each window, that bf16 holds.
      const x = exactValues(shape, 5).map((_, i) => ((i * 37) % 256) / 256 - 0.5);
      const [oh, ow] = [h, w].map((length) => (pad === 'same' ? Math.ceil : Math.floor)(length / size));
      const dy = exactValues([n, oh, ow, c], 6);
      const y = new Float32Array(n * oh * ow * c);
      const dx = new Float32Array(x.length);
      for (let b = 0; b < n; b++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let k = 0; k < c; k++) {
              let best = -1;
              for (let p = size * i; p < Math.min(size * (i + 1), h); p++)
                for (let q = size * j; q < Math.min(size * (j + 1), w); q++) {
                  const at = ((b * h + p) * w + q) * c + k;
                  if (best < 0 || x[at] > x[best]) best = at;
                }
              const to = ((b * oh + i) * ow + j) * c + k;
              y[to] = x[best];
              dx[best] += dy[to];
            }
      const [actualY, actualDx] = tf.tidy(() => {
        const f = (t: tf.Tensor): tf.Tensor4D => tf.maxPool(t as tf.Tensor4D, size, size, pad);
        const input = make(x);
        const gradient = tf.grad(f)(input, tf.tensor4d(dy, [n, oh, ow, c]));
        return [f(input).dataSync(), gradient.dataSync()];
      });
      expect(Array.from(actualY)).toEqual(Array.from(y));
      expect(Array.from(actualDx)).toEqual(Array.from(dx));
    }

    it('max-pooling gives the gradient to one of equal places', () => {
      const shape: Shape4 = [2, 30, 30, 16];
      const equal = tf.tidy(() => {
        const x = asActivation(new Float32Array(2 * 30 * 30 * 16).fill(0.5), shape);
        const f = (t: tf.Tensor): tf.Tensor4D => tf.maxPool(t as tf.Tensor4D, 2, 2, 'valid');
        const dx = tf.grad(f)(x, tf.ones([2, 15, 15, 16]));
        return dx.dataSync<'float32'>();
      });
      expect(equal.reduce((sum, value) => sum + value, 0)).toBe(2 * 15 * 15 * 16);
      expect(new Set(equal)).toEqual(new Set([0, 1]));
    });

    for (const [shape, size] of [
      [[2, 31, 31, 16], 2],
      [[1, 31, 31, 24], 2],
      [[2, 15, 15, 48], 2],
      [[3, 7, 7, 32], 2],
      [[2, 3, 3, 32], 3],
      [[1, 3, 3, 10], 3],
      [[2, 30, 30, 16], 2],
      [[1, 14, 30, 24], 2],
      [[3, 8, 6, 32], 2],
      [[2, 30, 30, 10], 2],
    ] as const) {
      const label = `${size}×${size} on [${shape.join(', ')}]`;
      it(`max-pooling of windows side by side, without the last if incomplete, and its gradient, ${label}`, () => {
        checkMaxPool([...shape], size, 'valid', (values) => tf.tensor4d(values, [...shape]));
        checkMaxPool([...shape], size, 'valid', (values) => asActivation(values, [...shape]));
      });
    }

    /** Batch normalisation, its statistics and all gradients against plain loops. @param bound for what has x's type */
    function checkBatchNorm(
      x: Float32Array,
      shape: Shape4,
      scale: Float32Array,
      epsilon: number,
      make: (values: Float32Array) => tf.Tensor4D,
      bound: number,
    ): void {
      const c = shape[3];
      const count = x.length / c;
      const [dy, offset] = [exactValues(shape, 12), exactValues([c], 14)];
      const [mean, variance] = [new Float64Array(c), new Float64Array(c)];
      x.forEach((value, i) => (mean[i % c] += value / count));
      x.forEach((value, i) => (variance[i % c] += (value - mean[i % c]) ** 2 / count));
      const hat = Float64Array.from(
        x,
        (value, i) => (value - mean[i % c]) / Math.sqrt(variance[i % c] + epsilon),
      );
      const [dScale, dOffset] = [accumulator(c), accumulator(c)];
      dy.forEach((d, i) => {
        dScale.add(i % c, d * hat[i]);
        dOffset.add(i % c, d);
      });
      const [y, dx] = [accumulator(x.length), accumulator(x.length)];
      x.forEach((_, i) => {
        const k = i % c;
        const factor = scale[k] / Math.sqrt(variance[k] + epsilon);
        y.add(i, hat[i] * scale[k]);
        y.add(i, offset[k]);
        dx.add(i, factor * dy[i]);
        dx.add(i, (-factor * dOffset.value[k]) / count);
        dx.add(i, (-factor * hat[i] * dScale.value[k]) / count);
      });
      const actual = tf.tidy(() => {
        const f = (...[a, b, d]: tf.Tensor[]): tf.Tensor =>
          batchNormTraining(a, b as tf.Tensor1D, d as tf.Tensor1D, epsilon).y;
        const inputs = [make(x), tf.tensor1d(scale), tf.tensor1d(offset)];
        const statistics = batchNormTraining(
          inputs[0],
          inputs[1] as tf.Tensor1D,
          inputs[2] as tf.Tensor1D,
          epsilon,
        );
        const gradients = tf.grads(f)(inputs, tf.tensor4d(dy, shape));
        const all = [statistics.y, statistics.mean, statistics.variance, ...gradients];
        return all.map((tensor) => tensor.dataSync());
      });
      // Relative to the input's own size.
      const size = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const plain = (
        value: Float64Array,
        unit: number,
      ): { value: Float64Array; magnitude: Float64Array } => ({
        value,
        magnitude: value.map(() => unit),
      });
      expect(worstError(actual[0], y, bound), 'y').toBeLessThanOrEqual(1);
      expect(worstError(actual[1], plain(mean, size), 1e-5), 'mean').toBeLessThanOrEqual(1);
      expect(worstError(actual[2], plain(variance, size * size), 1e-5), 'variance').toBeLessThanOrEqual(1);
      expect(worstError(actual[3], dx, bound, 2e-5), 'dx').toBeLessThanOrEqual(1);
      expect(worstError(actual[4], dScale, 1e-5, 2e-5), 'dScale').toBeLessThanOrEqual(1);
      expect(worstError(actual[5], dOffset, 1e-5), 'dOffset').toBeLessThanOrEqual(1);
    }

    for (const shape of [
      [2, 15, 15, 64],
      [3, 7, 7, 48],
      [5, 3, 3, 32],
    ] as const) {
      it(`batch normalisation of large and tiny activations with next to no ε, [${shape.join(', ')}]`, () => {
        for (const spread of [2 ** 10, 1, 2 ** -14]) {
          const x = exactValues(shape, 11).map((value) => value * spread);
          const ones = new Float32Array(shape[3]).fill(1);
          const make = (values: Float32Array): tf.Tensor4D => asActivation(values, [...shape]);
          checkBatchNorm(x, [...shape], ones, 1e-12, make, Math.max(type, 1e-5));
        }
      });
    }

    for (const shape of imageShapes) {
      const [n, h, w, c] = shape;
      const label = `[${shape.join(', ')}]`;
      for (const layout of ['row-major', 'as a convolution leaves it'] as const) {
        const make = (values: Float32Array): tf.Tensor4D =>
          layout === 'row-major' ? tf.tensor4d(values, shape) : asActivation(values, shape);

        it(`max-pooling and its gradient, ${label}, ${layout}`, () => {
          checkMaxPool(shape, 2, 'same', make);
        });

        it(`mean-pooling with padding, and its gradient, ${label}, ${layout}`, () => {
          const x = exactValues(shape, 7);
          const dy = exactValues(shape, 8);
          const [y, dx] = [accumulator(x.length), accumulator(x.length)];
          for (let b = 0; b < n; b++)
            for (let i = 0; i < h; i++)
              for (let j = 0; j < w; j++)
                for (let k = 0; k < c; k++) {
                  const inside: number[] = [];
                  for (let p = Math.max(0, i - 1); p < Math.min(i + 2, h); p++)
                    for (let q = Math.max(0, j - 1); q < Math.min(j + 2, w); q++)
                      inside.push(((b * h + p) * w + q) * c + k);
                  const to = ((b * h + i) * w + j) * c + k;
                  for (const at of inside) {
                    y.add(to, x[at] / inside.length);
                    dx.add(at, dy[to] / inside.length);
                  }
                }
          const [actualY, actualDx] = tf.tidy(() => {
            const f = (t: tf.Tensor): tf.Tensor4D => tf.avgPool(t as tf.Tensor4D, 3, 1, 'same');
            const input = make(x);
            return [f(input).dataSync(), tf.grad(f)(input, tf.tensor4d(dy, shape)).dataSync()];
          });
          const bound = layout === 'row-major' ? rounding.f32 : type;
          // In bf16 the gradient is summed up in bf16: up to nine roundings of partial sums.
          const sums = bound === rounding.f32 ? 1e-6 : 4 * bound;
          expect(worstError(actualY, y, bound), 'y').toBeLessThanOrEqual(1);
          expect(worstError(actualDx, dx, bound, sums), 'dx').toBeLessThanOrEqual(1);
        });

        it(`global mean and its gradient, ${label}, ${layout}`, () => {
          const x = exactValues(shape, 9);
          const dy = exactValues([n, c], 10);
          const y = accumulator(n * c);
          const dx = accumulator(x.length);
          for (let i = 0; i < x.length; i++) {
            const to = Math.floor(i / (h * w * c)) * c + (i % c);
            y.add(to, x[i] / (h * w));
            dx.add(i, dy[to] / (h * w));
          }
          const [actualY, actualDx] = tf.tidy(() => {
            const input = make(x);
            return [
              globalAveragePool(input).dataSync(),
              tf
                .grad((t: tf.Tensor) => globalAveragePool(t as tf.Tensor4D))(input, tf.tensor2d(dy, [n, c]))
                .dataSync(),
            ];
          });
          expect(
            worstError(actualY, y, layout === 'row-major' ? rounding.f32 : type),
            'y',
          ).toBeLessThanOrEqual(1);
          expect(worstError(actualDx, dx, type), 'dx').toBeLessThanOrEqual(1);
        });

        it(`batch normalisation and its gradients, ${label}, ${layout}`, () => {
          const bound = layout === 'row-major' ? 1e-5 : Math.max(type, 1e-5);
          checkBatchNorm(exactValues(shape, 11), shape, exactValues([c], 13), 1e-3, make, bound);
        });

        it(`batch normalisation by given statistics, ${label}, ${layout}`, () => {
          const x = exactValues(shape, 15);
          const mean = exactValues([c], 16);
          const variance = exactValues([c], 17).map((v) => v * v + 0.25);
          const expected = accumulator(x.length);
          x.forEach((v, i) => expected.add(i, (v - mean[i % c]) / Math.sqrt(variance[i % c] + 1e-3)));
          const actual = tf.tidy(() =>
            tf.batchNorm(make(x), tf.tensor1d(mean), tf.tensor1d(variance)).dataSync(),
          );
          const bound = layout === 'row-major' ? 1e-5 : Math.max(type, 1e-5);
          expect(worstError(actual, expected, bound)).toBeLessThanOrEqual(1);
        });
      }
    }

    it('ReLU’s gradient is the gradient where the output is positive', () => {
      const shape: Shape4 = [2, 3, 3, 16];
      const [y, dy] = [exactValues(shape, 18).map((v) => Math.max(v, 0)), exactValues(shape, 19)];
      const actual = tf.tidy(() => reluGrad(tf.tensor4d(dy, shape), asActivation(y, shape)).dataSync());
      // Zero may be −0: + 0 makes it 0.
      expect(Array.from(actual, (v) => v + 0)).toEqual(Array.from(dy, (d, i) => (y[i] > 0 ? d : 0)));
    });

    it('used no fall-back', () => {
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });
  });
}
