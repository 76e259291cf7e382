import { adamUpdate, lerp, sgdUpdate } from '../../helpers/updateOne.js';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import {
  globalAveragePool,
  gelu,
  silu,
  seededDropout,
  softmaxCrossEntropy,
} from '../../../src/engine/ops/index.js';
import { normalShareBelow } from '../../helpers/naive.js';
import { accumulator, exactValues, worstError } from './reference.js';
import { activate, asActivation, describeOneDnn } from './setup.js';

/** Above the size up to which kernels run on the host. */
const large = [3, 8, 8, 48] as const;

export function smallKernelTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('element-wise kernels, losses, updates', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      // One thread: these are many small calls, and other programs may be running.
      backend = await activate(precision, 1);
    });

    const size = large.reduce((a, b) => a * b, 1);
    const values = (seed: number): Float32Array => exactValues(large, seed);
    const activation = (data: Float32Array): tf.Tensor4D => asActivation(data, large);

    it('adds, subtracts, multiplies, divides in any mixture of layouts', () => {
      const [a, b] = [values(1), values(2).map((v) => v + 2)];
      const operations = [
        [tf.add, (p: number, q: number): number => p + q],
        [tf.sub, (p: number, q: number): number => p - q],
        [tf.mul, (p: number, q: number): number => p * q],
        [tf.div, (p: number, q: number): number => p / q],
        [tf.maximum, Math.max],
        [tf.minimum, Math.min],
      ] as const;
      for (const [operation, expected] of operations) {
        for (const [p, q] of [
          [tf.tensor(a, [...large]), tf.tensor(b, [...large])],
          [activation(a), tf.tensor(b, [...large])],
          [tf.tensor(a, [...large]), activation(b)],
          [activation(a), activation(b)],
        ]) {
          const actual = tf.tidy(() => operation(p, q).dataSync());
          const reference = accumulator(size);
          a.forEach((v, i) => reference.add(i, expected(v, b[i])));
          const bound = precision === 'bf16' ? 1.2 * 2 ** -7 : 1e-6;
          expect(worstError(actual, reference, bound), operation.name).toBeLessThanOrEqual(1);
          tf.dispose([p, q]);
        }
      }
    });

    it('repeats the smaller operand along the first axes', () => {
      const a = values(3);
      const row = exactValues([48], 4);
      tf.tidy(() => {
        const x = tf.tensor(a, [...large]);
        const r = tf.tensor1d(row);
        expect(Array.from(tf.add(x, r).dataSync())).toEqual(Array.from(a, (v, i) => v + row[i % 48]));
        expect(Array.from(tf.mul(r, x).dataSync())).toEqual(Array.from(a, (v, i) => v * row[i % 48]));
        expect(Array.from(tf.sub(x, 0.25).dataSync())).toEqual(Array.from(a, (v) => v - 0.25));
        expect(Array.from(tf.sub(1, x).dataSync())).toEqual(Array.from(a, (v) => 1 - v));
        expect(Array.from(tf.mul(activation(a), 2).dataSync())).toEqual(Array.from(a, (v) => v * 2));
      });
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });

    it('repeats one value, and rows of few channels', () => {
      for (const shape of [
        [4, 32, 32, 3],
        [5, 31, 31, 24],
        [1, 67, 71, 1],
      ]) {
        const [a, row] = [exactValues(shape, 1), exactValues([shape[3]], 2).map((v) => v + 2)];
        const operations = [
          [tf.add, (p: number, q: number): number => p + q],
          [tf.sub, (p: number, q: number): number => p - q],
          [tf.mul, (p: number, q: number): number => p * q],
          [tf.div, (p: number, q: number): number => p / q],
        ] as const;
        for (const [operation, expected] of operations) {
          const [byValue, byRow] = [accumulator(a.length), accumulator(a.length)];
          a.forEach((v, i) => {
            byValue.add(i, expected(v, 1.75));
            byRow.add(i, expected(v, row[i % shape[3]]));
          });
          for (const x of [tf.tensor(a, shape), asActivation(a, shape)]) {
            const [y, z] = tf.tidy(() => [
              operation(x, 1.75).dataSync(),
              operation(x, tf.tensor1d(row)).dataSync(),
            ]);
            const bound = backend.layout(x).type === 'bf16' ? 1.001 * 2 ** -8 : 1e-6;
            expect(worstError(y, byValue, bound), `${operation.name} by a value`).toBeLessThanOrEqual(1);
            const rowBound = row.length === 1 ? bound : 1e-6;
            expect(worstError(z, byRow, rowBound), `${operation.name} by a row`).toBeLessThanOrEqual(1);
            x.dispose();
          }
        }
      }
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });

    it('computes functions of single elements', () => {
      const a = values(5);
      const functions = [
        [tf.relu, (v: number): number => Math.max(v, 0)],
        [tf.abs, Math.abs],
        [tf.neg, (v: number): number => -v],
        [tf.square, (v: number): number => v * v],
        [tf.exp, Math.exp],
        [tf.tanh, Math.tanh],
        [tf.sigmoid, (v: number): number => 1 / (1 + Math.exp(-v))],
        [tf.elu, (v: number): number => (v > 0 ? v : Math.expm1(v))],
        [(x: tf.Tensor): tf.Tensor => tf.sqrt(tf.abs(x)), (v: number): number => Math.sqrt(Math.abs(v))],
        [
          (x: tf.Tensor): tf.Tensor => tf.log(tf.add(tf.abs(x), 1)),
          (v: number): number => Math.log1p(Math.abs(v)),
        ],
      ] as const;
      for (const [operation, expected] of functions) {
        const actual = tf.tidy(() => operation(tf.tensor(a, [...large])).dataSync());
        const reference = accumulator(size);
        a.forEach((v, i) => reference.add(i, expected(v)));
        // The library's polynomials err by units of 1e-6 near a function's zero.
        reference.magnitude.fill(1);
        expect(worstError(actual, reference, 1e-5, 1e-5), operation.name).toBeLessThanOrEqual(1);
      }
    });

    it('GELU and its gradient, in any layout, blocks with padding too', () => {
      for (const shape of [[...large], [5, 31, 31, 24], [3, 7]]) {
        const x = exactValues(shape, 6).map((v) => 8 * v);
        const dy = exactValues(shape, 7);
        const [y, dx] = [accumulator(x.length), accumulator(x.length)];
        x.forEach((v, i) => {
          const share = normalShareBelow(v);
          const density = Math.exp((-v * v) / 2) / Math.sqrt(2 * Math.PI);
          y.add(i, v * share);
          dx.add(i, dy[i] * (share + v * density));
          // The library's error function errs by some 1e-7, which is much beside its values far below zero.
          y.magnitude[i] = Math.abs(v);
          dx.magnitude[i] = Math.abs(dy[i]);
        });
        for (const input of [tf.tensor(x, shape), ...(shape.length === 4 ? [asActivation(x, shape)] : [])]) {
          const isShort = backend.layout(input).type === 'bf16';
          const [actual, gradient] = tf.tidy(() => [
            gelu(input).dataSync(),
            tf
              .grad((t: tf.Tensor) => gelu(t))(input, tf.tensor(dy, shape))
              .dataSync(),
          ]);
          const bound = isShort ? 1.001 * 2 ** -8 : 1e-6;
          expect(worstError(actual, y, bound, 5e-7), `value [${shape.join()}]`).toBeLessThanOrEqual(1);
          expect(worstError(gradient, dx, bound, 5e-7), `gradient [${shape.join()}]`).toBeLessThanOrEqual(1);
          input.dispose();
        }
      }
    });

    it('SiLU and its gradient, in any layout, blocks with padding too', () => {
      for (const shape of [[...large], [5, 31, 31, 24], [3, 7]]) {
        const x = exactValues(shape, 6).map((v) => 8 * v);
        const dy = exactValues(shape, 7);
        const [y, dx] = [accumulator(x.length), accumulator(x.length)];
        x.forEach((v, i) => {
          const share = 1 / (1 + Math.exp(-v));
          y.add(i, v * share);
          dx.add(i, dy[i] * share * (1 + v * (1 - share)));
          y.magnitude[i] = Math.abs(v);
          dx.magnitude[i] = Math.abs(dy[i]);
        });
        for (const input of [tf.tensor(x, shape), ...(shape.length === 4 ? [asActivation(x, shape)] : [])]) {
          const isShort = backend.layout(input).type === 'bf16';
          const [actual, gradient] = tf.tidy(() => [
            silu(input).dataSync(),
            tf
              .grad((t: tf.Tensor) => silu(t))(input, tf.tensor(dy, shape))
              .dataSync(),
          ]);
          const bound = isShort ? 1.001 * 2 ** -8 : 1e-6;
          expect(worstError(actual, y, bound, 5e-7), `value [${shape.join()}]`).toBeLessThanOrEqual(1);
          expect(worstError(gradient, dx, bound, 5e-7), `gradient [${shape.join()}]`).toBeLessThanOrEqual(1);
          input.dispose();
        }
      }
    });

    it('adds any number of tensors', () => {
      const all = [values(6), values(7), values(8)];
      const actual = tf.tidy(() =>
        tf.addN([activation(all[0]), tf.tensor(all[1], [...large]), activation(all[2])]).dataSync(),
      );
      expect(Array.from(actual)).toEqual(Array.from(all[0], (v, i) => v + all[1][i] + all[2][i]));
    });

    it('sums and averages over first, last and all axes', () => {
      const a = values(9);
      const whole = accumulator(1);
      const byChannel = accumulator(48);
      const byImage = accumulator(3);
      a.forEach((v, i) => {
        whole.add(0, v);
        byChannel.add(i % 48, v / 192);
        byImage.add(Math.floor(i / (size / 3)), v);
      });
      tf.tidy(() => {
        for (const x of [tf.tensor(a, [...large]), activation(a)]) {
          expect(worstError(tf.sum(x).dataSync(), whole, 1e-6)).toBeLessThanOrEqual(1);
          expect(worstError(tf.mean(x, [0, 1, 2]).dataSync(), byChannel, 1e-6)).toBeLessThanOrEqual(1);
          // Over the positions it is the global average pooling, which is tested against plain loops.
          const positions = tf.mean(x, [1, 2]).dataSync();
          expect(positions).toEqual(globalAveragePool(x as tf.Tensor4D).dataSync());
          expect(tf.mean(x, [1, 2], true).shape).toEqual([3, 1, 1, 48]);
          const kept = tf.sum(x, [1, 2, 3], true);
          expect(kept.shape).toEqual([3, 1, 1, 1]);
          expect(worstError(kept.dataSync(), byImage, 1e-6)).toBeLessThanOrEqual(1);
        }
        const long = tf.fill([1024 * 100], 0.5);
        expect(tf.sum(long).dataSync()[0]).toBe(51200);
      });
    });

    it('reshapes and casts values of any layout', () => {
      const a = values(10);
      tf.tidy(() => {
        const flat = tf.reshape(activation(a), [3, 64 * 48]);
        expect(flat.shape).toEqual([3, 64 * 48]);
        expect(Array.from(flat.dataSync())).toEqual(Array.from(a));
        const back = tf.reshape(tf.add(flat, flat), [...large]);
        expect(Array.from(back.dataSync())).toEqual(Array.from(a, (v) => 2 * v));
        const whole = tf.tensor1d(Int32Array.from({ length: 5000 }, (_, i) => i - 2500));
        expect(tf.cast(whole, 'float32').dataSync()[0]).toBe(-2500);
        const truth = tf.greater(tf.tensor1d(a.slice(0, 5000)), 0);
        expect(Array.from(tf.cast(truth, 'float32').dataSync())).toEqual(
          Array.from(a.slice(0, 5000), (v) => (v > 0 ? 1 : 0)),
        );
      });
    });

    it('softmax over rows, also of large and infinite logits', () => {
      const x = Float32Array.from([1, 2, 3, 1000, 1001, 999, -Infinity, 0, 0]);
      const actual = tf.tidy(() => tf.softmax(tf.tensor2d(x, [3, 3])).dataSync());
      const reference = accumulator(9);
      for (let row = 0; row < 3; row++) {
        const [p, q, r] = x.subarray(3 * row, 3 * row + 3);
        const top = Math.max(p, q, r);
        const total = [p, q, r].reduce((sum, v) => sum + Math.exp(v - top), 0);
        [p, q, r].forEach((v, i) => reference.add(3 * row + i, Math.exp(v - top) / total));
      }
      expect(worstError(actual, reference, 1e-5)).toBeLessThanOrEqual(1);
    });

    it('cross-entropy with smoothed labels and its gradient', () => {
      const [rows, columns, smoothing] = [4, 10, 0.1];
      const x = exactValues([rows, columns], 11).map((v) => 8 * v);
      const [losses, gradient] = [accumulator(rows), accumulator(rows * columns)];
      const labels = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        labels[row * columns + ((3 * row) % columns)] = 1;
        const logits = Array.from(x.subarray(row * columns, (row + 1) * columns));
        const total = logits.reduce((sum, v) => sum + Math.exp(v), 0);
        logits.forEach((v, i) => {
          const label = (1 - smoothing) * labels[row * columns + i] + smoothing / columns;
          losses.add(row, -label * (v - Math.log(total)));
          gradient.add(row * columns + i, (Math.exp(v) / total - label) * (row + 1));
        });
      }
      const [actual, actualGradient] = tf.tidy(() => {
        const y = tf.tensor2d(labels, [rows, columns]);
        const f = (l: tf.Tensor): tf.Tensor => softmaxCrossEntropy(l as tf.Tensor2D, y, smoothing).losses;
        const logits = tf.tensor2d(x, [rows, columns]);
        return [
          f(logits).dataSync(),
          tf
            .grad(f)(logits, tf.tensor1d([1, 2, 3, 4]))
            .dataSync(),
        ];
      });
      expect(worstError(actual, losses, 1e-5)).toBeLessThanOrEqual(1);
      expect(worstError(actualGradient, gradient, 1e-5, 1e-6)).toBeLessThanOrEqual(1);
    });

    it('a NaN or infinite logit gives a NaN loss', () => {
      const actual = tf.tidy(() => {
        const logits = tf.tensor2d([NaN, 1, Infinity, 1], [2, 2]);
        return softmaxCrossEntropy(logits, tf.tensor2d([1, 0, 1, 0], [2, 2])).losses.dataSync();
      });
      expect(actual[0]).toBeNaN();
      expect(actual[1]).toBeNaN();
    });

    it('Adam: a step on a few and on many parameters', () => {
      const attrs = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
      // Below and above the size for the host, and more than one piece.
      for (const count of [7, 5003, 2 ** 18 + 17]) {
        const [p, m, g] = [1, 2, 3].map((seed) => exactValues([count], seed));
        const v = exactValues([count], 4).map((x) => x * x);
        const [newP, newM, newV] = [accumulator(count), accumulator(count), accumulator(count)];
        for (let i = 0; i < count; i++) {
          newM.add(i, 0.9 * m[i]);
          newM.add(i, (1 - 0.9) * g[i]);
          newV.add(i, 0.999 * v[i]);
          newV.add(i, (1 - 0.999) * g[i] * g[i]);
          newP.add(i, p[i]);
          const change = (-0.01 * newM.value[i]) / (Math.sqrt(newV.value[i]) + 1e-7);
          // Where v is 0 the change is a small quotient of small numbers: bounded by its parts.
          newP.add(i, change);
          newP.magnitude[i] += (0.01 * newM.magnitude[i]) / (Math.sqrt(newV.value[i]) + 1e-7);
        }
        const actual = tf.tidy(() =>
          adamUpdate(
            ...([p, m, v, g].map((x) => tf.tensor1d(x)) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]),
            attrs,
          ).map((tensor) => tensor.dataSync()),
        );
        expect(worstError(actual[0], newP, 1e-6, 1e-6), `parameter of ${count}`).toBeLessThanOrEqual(1);
        expect(worstError(actual[1], newM, 1e-6, 1e-6), `m of ${count}`).toBeLessThanOrEqual(1);
        expect(worstError(actual[2], newV, 1e-6, 1e-6), `v of ${count}`).toBeLessThanOrEqual(1);
      }
    });

    // Below and above the size for the host, and more than one piece.
    for (const count of [7, 5003, 2 ** 18 + 17]) {
      it(`SGD: a step on ${count} parameters`, () => {
        for (const [momentum, nesterov] of [
          [0.85, true],
          [0.6, false],
          [0, true],
          [0, false],
        ] as const) {
          const attrs = { learningRate: 0.1, momentum, weightDecay: 0.0153, nesterov };
          const [p, b, g] = [1, 2, 3].map((seed) => exactValues([count], seed));
          const [newP, newB] = [accumulator(count), accumulator(count)];
          for (let i = 0; i < count; i++) {
            for (const term of [g[i], attrs.weightDecay * p[i], momentum * b[i]]) newB.add(i, term);
            const ahead = g[i] + attrs.weightDecay * p[i] + momentum * newB.value[i];
            newP.add(i, p[i]);
            newP.add(i, -attrs.learningRate * (nesterov ? ahead : newB.value[i]));
            // The terms of the change may cancel: each is rounded by its own size.
            newP.magnitude[i] += 2 * attrs.learningRate * newB.magnitude[i];
          }
          const actual = tf.tidy(() => {
            const [pt, bt, gt] = [p, b, g].map((x) => tf.tensor1d(x));
            return sgdUpdate(pt, bt, gt, attrs).map((tensor) => tensor.dataSync());
          });
          const label = `momentum ${momentum}, nesterov ${nesterov}`;
          expect(worstError(actual[0], newP, 1e-6, 1e-6), `parameter, ${label}`).toBeLessThanOrEqual(1);
          expect(worstError(actual[1], newB, 1e-6, 1e-6), `buffer, ${label}`).toBeLessThanOrEqual(1);
        }
      });

      it(`interpolates ${count} numbers, and gives the very ends`, () => {
        const [a, b] = [exactValues([count], 1), exactValues([count], 2).map((v) => v / 3)];
        for (const t of [0, 0.05, 0.5, 0.999, 1]) {
          const expected = accumulator(count);
          a.forEach((v, i) => {
            expected.add(i, (1 - t) * v);
            expected.add(i, t * b[i]);
          });
          const actual = tf.tidy(() => lerp(tf.tensor1d(a), tf.tensor1d(b), t).dataSync());
          const bound = t === 0 || t === 1 ? 0 : 1e-6;
          expect(worstError(actual, expected, bound, bound), `t = ${t}`).toBeLessThanOrEqual(1);
        }
      });
    }

    it('updates let NaN through', () => {
      tf.tidy(() => {
        for (const count of [7, 5003]) {
          const [p, g] = [tf.ones([count]), tf.fill([count], NaN)];
          const attrs = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, nesterov: true };
          for (const result of [...sgdUpdate(p, p, g, attrs), lerp(p, g, 0.5)]) {
            expect(result.dataSync().every(Number.isNaN)).toBe(true);
          }
        }
      });
    });

    for (const rate of [0.25, 0.5, 0.1, 0]) {
      it(`dropout of ${rate}: the rate, the scale, the gradient, the same mask again`, () => {
        const shape: [number, number, number, number] = [8, 16, 16, 64];
        const count = 8 * 16 * 16 * 64;
        tf.tidy(() => {
          const x = tf.fill<tf.Rank.R4>(shape, 1);
          const y = seededDropout(x, rate, 1, 2);
          const values = y.dataSync<'float32'>();
          const kept = values.reduce((sum, v) => sum + (v === 0 ? 0 : 1), 0);
          // The rate in units of 1/256; five standard deviations.
          const keep = 1 - Math.round(rate * 256) / 256;
          const deviation = Math.sqrt((keep * (1 - keep)) / count);
          expect(Math.abs(kept / count - keep)).toBeLessThanOrEqual(5 * deviation);
          const scale = Math.fround(1 / (1 - rate));
          expect(values.every((v) => v === 0 || Math.abs(v / scale - 1) < 1e-6)).toBe(true);
          expect(Array.from(seededDropout(x, rate, 1, 2).dataSync())).toEqual(Array.from(values));
          const gradient = tf.grad((t: tf.Tensor) => seededDropout(t, rate, 1, 2))(x, x);
          expect(Array.from(gradient.dataSync())).toEqual(Array.from(values));
          if (rate === 0) return;
          const other = seededDropout(x, rate, 1, 3).dataSync<'float32'>();
          const both = values.reduce((sum, v, i) => sum + (v !== 0 && other[i] !== 0 ? 1 : 0), 0);
          const square = keep * keep;
          const spread = 5 * Math.sqrt((square * (1 - square)) / count);
          expect(Math.abs(both / count - square), 'masks of two counters are independent').toBeLessThan(
            spread,
          );
        });
      });
    }

    it('dropout keeps the layout and type of what a convolution leaves', () => {
      const a = values(12).map((v) => v + 2);
      tf.tidy(() => {
        const x = activation(a);
        const y = seededDropout(x, 0.5, 3, 4);
        const present = backend.storage(y).native?.desc;
        expect(present).toBe(backend.storage(x).native?.desc);
        const values = y.dataSync();
        expect(values.every((v, i) => v === 0 || v === 2 * a[i] || precision === 'bf16')).toBe(true);
      });
    });

    it('lets NaN and infinity through element-wise kernels', () => {
      const a = values(13);
      a[0] = NaN;
      a[1] = Infinity;
      tf.tidy(() => {
        const x = tf.tensor(a, [...large]);
        for (const y of [tf.add(x, x), tf.mul(x, x), tf.square(x), tf.sqrt(x), tf.neg(tf.neg(x))]) {
          const [nan, infinite] = y.dataSync();
          expect(nan).toBeNaN();
          expect(infinite).toBe(Infinity);
        }
        expect(tf.sum(x).dataSync()[0]).toBeNaN();
        const [nan, infinite] = gelu(x).dataSync();
        expect([nan, gelu(tf.neg(x)).dataSync()[1]]).toEqual([NaN, NaN]);
        // 2.6 has infinity, 3.7 NaN: neither hides it.
        expect(Number.isFinite(infinite)).toBe(false);
        expect(tf.relu(x).dataSync()[1]).toBe(Infinity);
      });
    });
  });
}
