import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
import { convBiasActivation } from '../../../../src/engine/ops/index.js';
import {
  accumulator,
  type ConvCase,
  exactValues,
  explicit,
  planConv,
  sizeOf,
  worstError,
} from '../reference.js';
import { activate, describeOneDnn } from '../setup.js';

const cases: readonly ConvCase[] = [
  { name: 'images to 16 channels', x: [2, 7, 5, 3], filter: [3, 3, 3, 16], strides: [1, 1], pad: 'same' },
  { name: 'odd channels', x: [2, 6, 7, 17], filter: [3, 3, 17, 10], strides: [1, 1], pad: 'same' },
  { name: 'full blocks', x: [3, 8, 8, 32], filter: [3, 3, 32, 48], strides: [1, 1], pad: 'same' },
  { name: '1×1, batch 1', x: [1, 5, 5, 24], filter: [1, 1, 24, 40], strides: [1, 1], pad: 'valid' },
  { name: 'stride 2, even size', x: [2, 8, 6, 16], filter: [3, 3, 16, 32], strides: [2, 2], pad: 'same' },
  { name: 'stride with a tail', x: [2, 6, 9, 16], filter: [3, 3, 16, 16], strides: [2, 2], pad: 'valid' },
  { name: 'unequal window and strides', x: [1, 9, 8, 5], filter: [5, 2, 5, 7], strides: [2, 1], pad: 'same' },
  {
    name: 'odd size, no padding at the end',
    x: [2, 7, 15, 24],
    filter: [3, 3, 24, 32],
    strides: [1, 1],
    pad: explicit([1, 0], [1, 0]),
  },
  {
    name: 'four paddings, strides',
    x: [1, 6, 5, 16],
    filter: [2, 3, 16, 7],
    strides: [2, 1],
    pad: explicit([1, 0], [0, 2]),
  },
  // Small maps of many channels: the filter's gradient in bf16 goes by chunks of images, the last one smaller.
  { name: 'many images of 3×3', x: [66, 3, 3, 32], filter: [3, 3, 32, 16], strides: [1, 1], pad: 'same' },
  {
    name: 'many images of 7×7, trimmed',
    x: [82, 7, 7, 32],
    filter: [3, 3, 32, 16],
    strides: [1, 1],
    pad: explicit([1, 0], [1, 0]),
  },
  { name: 'many images of 7×6', x: [66, 7, 6, 48], filter: [3, 3, 48, 16], strides: [1, 1], pad: 'same' },
  {
    name: 'many images, no padding',
    x: [70, 8, 7, 32],
    filter: [3, 1, 32, 16],
    strides: [1, 1],
    pad: 'valid',
  },
  {
    name: 'more padding than the window is wide',
    x: [2, 5, 6, 32],
    filter: [2, 3, 32, 32],
    strides: [1, 1],
    pad: explicit([2, 1], [1, 4]),
  },
  // Many channels: in f32 on AVX2 the filter's gradient is a product of columns.
  { name: 'to 256 channels', x: [8, 4, 3, 64], filter: [3, 3, 64, 256], strides: [1, 1], pad: 'same' },
  {
    name: 'to 256 channels, trimmed',
    x: [8, 3, 5, 64],
    filter: [3, 3, 64, 256],
    strides: [1, 1],
    pad: explicit([1, 0], [1, 0]),
  },
  {
    name: 'to 264 channels, unequal window and paddings',
    x: [4, 4, 2, 72],
    filter: [2, 3, 72, 264],
    strides: [1, 1],
    pad: explicit([0, 2], [3, 1]),
  },
  // In f32 on AVX2 forward is computed as a gradient on small maps.
  { name: 'from 128 channels', x: [2, 4, 3, 128], filter: [3, 3, 128, 144], strides: [1, 1], pad: 'same' },
  {
    name: 'from 128 channels, unequal window and paddings',
    x: [1, 4, 5, 128],
    filter: [2, 3, 128, 128],
    strides: [1, 1],
    pad: explicit([1, 0], [0, 2]),
  },
  { name: 'one pixel', x: [4, 1, 1, 16], filter: [3, 3, 16, 16], strides: [1, 1], pad: 'same' },
];

/** bf16 keeps 8 bits: rounding errs by up to 2⁻⁸ of the value. */
const rounding = { f32: 1e-6, bf16: 1.001 * 2 ** -8 } as const;

export function convolutionTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('convolution', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      backend = await activate(precision);
    });

    for (const testCase of cases) {
      const { name, x, filter, strides, pad } = testCase;
      const { y: yShape, forEach } = planConv(testCase);
      const xValues = exactValues(x, 1);
      const wValues = exactValues(filter, 2);
      const dyValues = exactValues(yShape, 3);
      const bias = exactValues([filter[3]], 4);
      const tensors = (): [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D, tf.Tensor4D] => [
        tf.tensor4d(xValues, [...x]),
        tf.tensor4d(wValues, [...filter]),
        tf.tensor1d(bias),
        tf.tensor4d(dyValues, [...yShape]),
      ];

      it(`${name}: forward, alone and with bias and ReLU`, () => {
        const [sums, expected] = [accumulator(sizeOf(yShape)), accumulator(sizeOf(yShape))];
        for (let i = 0; i < expected.value.length; i++) expected.add(i, bias[i % filter[3]]);
        forEach((xi, wi, yi) => {
          sums.add(yi, xValues[xi] * wValues[wi]);
          expected.add(yi, xValues[xi] * wValues[wi]);
        });
        const value = expected.value.map((v) => Math.max(v, 0));
        const [plain, actual] = tf.tidy(() => {
          const [xt, wt, bt] = tensors();
          const options = { strides: [...strides] as [number, number], pad };
          return [
            convBiasActivation(xt, wt, null, options),
            convBiasActivation(xt, wt, bt, { ...options, activation: 'relu' }),
          ].map((y) => y.dataSync());
        });
        expect(worstError(plain, sums, rounding[precision]), 'alone').toBeLessThanOrEqual(1);
        expect(worstError(actual, { ...expected, value }, rounding[precision])).toBeLessThanOrEqual(1);
      });

      it(`${name}: gradients by input, filter and bias`, () => {
        const [dx, dw, db] = [x, filter, [filter[3]]].map((shape) => accumulator(sizeOf(shape)));
        for (let i = 0; i < dyValues.length; i++) db.add(i % filter[3], dyValues[i]);
        forEach((xi, wi, yi) => {
          dx.add(xi, dyValues[yi] * wValues[wi]);
          dw.add(wi, dyValues[yi] * xValues[xi]);
        });
        const actual = tf.tidy(() => {
          const [xt, wt, bt, dyt] = tensors();
          const gradients = tf.grads((a, b, c) =>
            convBiasActivation(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor1D, {
              strides: [...strides],
              pad,
            }),
          )([xt, wt, bt], dyt);
          return gradients.map((gradient) => gradient.dataSync());
        });
        expect(worstError(actual[0], dx, rounding[precision]), 'input').toBeLessThanOrEqual(1);
        // The parameters' gradients are f32 in either precision.
        expect(worstError(actual[1], dw, rounding.f32), 'filter').toBeLessThanOrEqual(1);
        expect(worstError(actual[2], db, rounding.f32), 'bias').toBeLessThanOrEqual(1);
      });
    }

    it('without the rows and columns that a floor-mode pool drops: the pool and the gradients are the same', () => {
      const dy = tf.tensor4d(exactValues([2, 3, 7, 32], 4), [2, 3, 7, 32]);
      const inputs = [[2, 7, 15, 24], [3, 3, 24, 32], [32]].map((shape, i) =>
        tf.tensor(exactValues(shape, i), shape),
      );
      const run = (pad: 'same' | tf.backend_util.ExplicitPadding): tf.TypedArray[] =>
        tf.tidy(() => {
          const pooled = (...[x, w, b]: tf.Tensor[]): tf.Tensor4D =>
            tf.maxPool(
              convBiasActivation(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, { pad }),
              2,
              2,
              'valid',
            );
          return [pooled(...inputs), ...tf.grads(pooled)(inputs, dy)].map((tensor) => tensor.dataSync());
        });
      const [whole, part] = [run('same'), run(explicit([1, 0], [1, 0]))];
      // Outputs and gradients by x are rounded sums of the same terms; sums of the filter's gradient differ in their order.
      expect(part[0]).toEqual(whole[0]);
      whole.forEach((values, i) => {
        const expected = {
          value: Float64Array.from(values),
          magnitude: new Float64Array(values.length).fill(8),
        };
        const bound = i === 1 ? rounding[precision] : rounding.f32;
        expect(worstError(part[i], expected, bound, 1e-6), `${i}`).toBeLessThanOrEqual(1);
      });
      tf.dispose([inputs, dy]);
    });

    it('the filter’s gradient by chunks of images is the sum of theirs', () => {
      const [xs, dys] = [exactValues([44, 15, 15, 64], 1), exactValues([44, 15, 15, 256], 2)];
      const gradient = (start: number, end: number): tf.Tensor =>
        tf.grad((filter: tf.Tensor) =>
          convBiasActivation(
            tf.tensor4d(xs.slice(start * 225 * 64, end * 225 * 64), [end - start, 15, 15, 64]),
            filter as tf.Tensor4D,
            null,
          ),
        )(
          tf.zeros([3, 3, 64, 256]),
          tf.tensor4d(dys.slice(start * 225 * 256, end * 225 * 256), [end - start, 15, 15, 256]),
        );
      tf.tidy(() => {
        const whole = gradient(0, 44).dataSync<'float32'>();
        const parts = tf.add(gradient(0, 24), gradient(24, 44)).dataSync<'float32'>();
        const largest = parts.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(largest).toBeGreaterThan(1);
        expect(whole.findIndex((value, i) => !(Math.abs(value - parts[i]) < 1e-5 * largest))).toBe(-1);
      });
    });

    it.each([24, 32])(
      'in f32 on request, %i filters: inputs exact, the result held like other activations',
      (filters) => {
        const [x, w] = [exactValues([2, 6, 5, 3], 1), exactValues([2, 2, 3, filters], 2)];
        // Differences of neighbours that bf16 rounds away.
        const fine = x.map((value) => 100 + value / 64);
        const filter = w.map((value, i) => (Math.floor(i / filters) % 2 === 0 ? value : -w[i - filters]));
        const testCase: ConvCase = {
          name: 'whitening',
          x: [2, 6, 5, 3],
          filter: [2, 2, 3, filters],
          strides: [1, 1],
          pad: 'valid',
        };
        const expected = accumulator(2 * 5 * 4 * filters);
        const dFilter = accumulator(2 * 2 * 3 * filters);
        const dy = exactValues([2, 5, 4, filters], 3);
        planConv(testCase).forEach((xi, wi, yi) => {
          expected.add(yi, fine[xi] * filter[wi]);
          dFilter.add(wi, fine[xi] * dy[yi]);
        });
        const actual = tf.tidy(() => {
          const images = tf.tensor4d(fine, [2, 6, 5, 3]);
          const op = (f: tf.Tensor): tf.Tensor4D =>
            convBiasActivation(images, f as tf.Tensor4D, null, { pad: 'valid', precision: 'f32' });
          const wt = tf.tensor4d(filter, [2, 2, 3, filters]);
          const y = op(wt);
          expect(backend.layout(y).type).toBe(precision);
          return [
            y.dataSync(),
            tf
              .grad(op)(wt, tf.tensor4d(dy, [2, 5, 4, filters]))
              .dataSync(),
          ];
        });
        expect(worstError(actual[0], expected, rounding[precision], 1e-6), 'y').toBeLessThanOrEqual(1);
        expect(worstError(actual[1], dFilter, rounding.f32, 1e-6), 'filter').toBeLessThanOrEqual(1);
      },
    );

    for (const [n, h, w, c] of [
      [3, 31, 31, 24],
      [5, 3, 7, 32],
      [1, 9, 9, 17],
    ] as const) {
      it(`a filter that is not trained: the bias’s gradient alone, [${n}, ${h}, ${w}, ${c}]`, () => {
        const unit = tf.reshape<tf.Rank.R4>(tf.eye(c), [1, 1, c, c]);
        const values = exactValues([n, h, w, c], 5);
        const expected = accumulator(c);
        values.forEach((value, i) => expected.add(i % c, value));
        tf.tidy(() => {
          const x = tf.tensor4d(values, [n, h, w, c]);
          // dy as row-major f32, and as a convolution leaves it.
          for (const dy of [x, convBiasActivation(x, unit, null)]) {
            const db = tf.grad((bias: tf.Tensor) =>
              convBiasActivation(x, unit, bias as tf.Tensor1D, { trainsFilter: false }),
            )(tf.zeros([c]), dy);
            expect(worstError(db.dataSync(), expected, 1e-6, 1e-6)).toBeLessThanOrEqual(1);
          }
        });
        unit.dispose();
      });
    }

    it('takes tfjs’s own convolution with dilation, and without bias', () => {
      const x = exactValues([1, 7, 7, 16], 1);
      const w = exactValues([3, 3, 16, 16], 2);
      const expected = accumulator(3 * 3 * 16);
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++)
          for (let p = 0; p < 3; p++)
            for (let q = 0; q < 3; q++)
              for (let c = 0; c < 16; c++)
                for (let o = 0; o < 16; o++)
                  expected.add(
                    (i * 3 + j) * 16 + o,
                    x[((i + 2 * p) * 7 + j + 2 * q) * 16 + c] * w[((p * 3 + q) * 16 + c) * 16 + o],
                  );
      const actual = tf.tidy(() =>
        tf
          .conv2d(tf.tensor4d(x, [1, 7, 7, 16]), tf.tensor4d(w, [3, 3, 16, 16]), 1, 'valid', 'NHWC', 2)
          .dataSync(),
      );
      expect(worstError(actual, expected, rounding[precision])).toBeLessThanOrEqual(1);
    });

    it('lets NaN and infinity through', () => {
      const x = exactValues([1, 4, 4, 16], 1);
      x[0] = NaN;
      x[15 * 16] = Infinity;
      const w = new Float32Array(16 * 16).fill(0.5);
      const y = tf.tidy(() =>
        convBiasActivation(tf.tensor4d(x, [1, 4, 4, 16]), tf.tensor4d(w, [1, 1, 16, 16]), null).dataSync(),
      );
      expect(y[0]).toBeNaN();
      expect(y[15 * 16]).toBe(Infinity);
      expect(Number.isFinite(y[16])).toBe(true);
    });

    it('a fused ReLU keeps NaN, of which the library’s own makes 0', () => {
      const x = new Float32Array(16 * 16).fill(1);
      x[0] = NaN;
      x[17] = Infinity;
      const w = new Float32Array(16 * 16).fill(1);
      const y = tf.tidy(() =>
        convBiasActivation(tf.tensor4d(x, [1, 4, 4, 16]), tf.tensor4d(w, [1, 1, 16, 16]), null, {
          activation: 'relu',
        }).dataSync(),
      );
      expect([y[0], y[16], y[32]]).toEqual([NaN, Infinity, 16]);
    });

    it('used no fall-back', () => {
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });
  });
}
