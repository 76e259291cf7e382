import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../src/engine/onednn/backend.js';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { accumulator, type ConvCase, exactValues, planConv, sizeOf, worstError } from './reference.js';
import { activate, describeOneDnn } from './setup.js';

const cases: readonly ConvCase[] = [
  { name: 'images to 16 channels', x: [2, 7, 5, 3], filter: [3, 3, 3, 16], strides: [1, 1], pad: 'same' },
  { name: 'odd channels', x: [2, 6, 7, 17], filter: [3, 3, 17, 10], strides: [1, 1], pad: 'same' },
  { name: 'full blocks', x: [3, 8, 8, 32], filter: [3, 3, 32, 48], strides: [1, 1], pad: 'same' },
  { name: '1×1, batch 1', x: [1, 5, 5, 24], filter: [1, 1, 24, 40], strides: [1, 1], pad: 'valid' },
  { name: 'stride 2, even size', x: [2, 8, 6, 16], filter: [3, 3, 16, 32], strides: [2, 2], pad: 'same' },
  { name: 'stride with a tail', x: [2, 6, 9, 16], filter: [3, 3, 16, 16], strides: [2, 2], pad: 'valid' },
  { name: 'unequal window and strides', x: [1, 9, 8, 5], filter: [5, 2, 5, 7], strides: [2, 1], pad: 'same' },
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

      it(`${name}: forward with bias and ReLU`, () => {
        const expected = accumulator(sizeOf(yShape));
        for (let i = 0; i < expected.value.length; i++) expected.add(i, bias[i % filter[3]]);
        forEach((xi, wi, yi) => expected.add(yi, xValues[xi] * wValues[wi]));
        const value = expected.value.map((v) => Math.max(v, 0));
        const actual = tf.tidy(() => {
          const [xt, wt, bt] = tensors();
          return convBiasActivation(xt, wt, bt, {
            strides: [...strides],
            pad,
            activation: 'relu',
          }).dataSync();
        });
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

    it('a fused ReLU takes the number of a number and NaN, as IEEE 754’s maxNum does', () => {
      const x = new Float32Array(16 * 16).fill(1);
      x[0] = NaN;
      x[17] = Infinity;
      const w = new Float32Array(16 * 16).fill(1);
      const y = tf.tidy(() =>
        convBiasActivation(tf.tensor4d(x, [1, 4, 4, 16]), tf.tensor4d(w, [1, 1, 16, 16]), null, {
          activation: 'relu',
        }).dataSync(),
      );
      expect([y[0], y[16], y[32]]).toEqual([0, Infinity, 16]);
    });

    it('used no fall-back', () => {
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });
  });
}
