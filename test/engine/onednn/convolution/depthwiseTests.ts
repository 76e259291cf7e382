import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { OneDnnBackend } from '../../../../src/engine/onednn/backend.js';
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

/** Filters [kh, kw, C, multiplier]. */
const cases: readonly ConvCase[] = [
  { name: 'full blocks', x: [2, 8, 7, 32], filter: [3, 3, 32, 1], strides: [1, 1], pad: 'same' },
  {
    name: 'part of a block, stride 2',
    x: [2, 9, 8, 23],
    filter: [3, 3, 23, 1],
    strides: [2, 2],
    pad: 'same',
  },
  { name: 'two filters a channel', x: [1, 6, 7, 12], filter: [3, 3, 12, 2], strides: [1, 1], pad: 'valid' },
  {
    name: 'unequal window, four paddings',
    x: [3, 6, 5, 16],
    filter: [5, 2, 16, 1],
    strides: [1, 1],
    pad: explicit([1, 2], [0, 1]),
  },
  { name: 'images', x: [4, 32, 32, 3], filter: [3, 3, 3, 4], strides: [1, 1], pad: 'same' },
];

/** Calls back with offsets into x, filter and y for every product. */
function forEachProduct(of: ConvCase, visit: (x: number, filter: number, y: number) => void): void {
  const [kh, kw, channels, multiplier] = of.filter;
  const [n, h, w] = of.x;
  const oneChannel = { ...of, x: [n, h, w, 1], filter: [kh, kw, 1, 1] } as const;
  planConv(oneChannel).forEach((x, filter, y) => {
    for (let c = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++) {
        const output = c * multiplier + m;
        visit(x * channels + c, filter * channels * multiplier + output, y * channels * multiplier + output);
      }
    }
  });
}

export function depthwiseTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('convolutions of each channel alone', precision, () => {
    let backend: OneDnnBackend;
    beforeAll(async () => {
      backend = await activate(precision, 1);
    });

    it.each(cases.map((one) => [one.name, one] as const))('%s: values and both gradients', (_, one) => {
      const [n, oh, ow] = planConv(one).y;
      const outputs = one.filter[2] * one.filter[3];
      const shape = [n, oh, ow, outputs] as [number, number, number, number];
      const [x, filter, dy] = [exactValues(one.x, 1), exactValues(one.filter, 2), exactValues(shape, 3)];
      const [y, dx, dFilter] = [sizeOf(shape), x.length, filter.length].map(accumulator);
      forEachProduct(one, (i, j, k) => {
        y.add(k, x[i] * filter[j]);
        dx.add(i, dy[k] * filter[j]);
        dFilter.add(j, dy[k] * x[i]);
      });
      const before = backend.pool.statistics().usedBlocks;
      const [actual, byX, byFilter] = tf.tidy(() => {
        const [xs, filters] = [tf.tensor4d(x, [...one.x]), tf.tensor4d(filter, [...one.filter])];
        const compute = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, [...one.strides], one.pad);
        const gradients = tf.grads(compute)([xs, filters], tf.tensor4d(dy, shape));
        return [compute(xs, filters), ...gradients].map((tensor) => tensor.dataSync());
      });
      const rounding = precision === 'bf16' ? 1.01 * 2 ** -8 : 1e-6;
      expect(worstError(actual, y, rounding)).toBeLessThanOrEqual(1);
      expect(worstError(byX, dx, rounding)).toBeLessThanOrEqual(1);
      expect(worstError(byFilter, dFilter, 1e-6)).toBeLessThanOrEqual(1);
      expect(backend.pool.statistics().usedBlocks).toBe(before);
      expect(backend.statistics.report().fallbacksHit).toEqual({});
    });

    it('with a bias and an activation', () => {
      const [x, filter, bias] = [
        exactValues([2, 8, 8, 16], 4),
        exactValues([3, 3, 16, 1], 5),
        exactValues([16], 6),
      ];
      tf.tidy(() => {
        const [xs, filters, biases] = [
          tf.tensor4d(x, [2, 8, 8, 16]),
          tf.tensor4d(filter, [3, 3, 16, 1]),
          tf.tensor1d(bias),
        ];
        const fused = tf.fused.depthwiseConv2d({
          ...{ x: xs, filter: filters, strides: 1, pad: 'same', bias: biases, activation: 'relu' },
        });
        const apart = tf.relu(tf.add(tf.depthwiseConv2d(xs, filters, 1, 'same'), biases)).dataSync();
        const bound = precision === 'bf16' ? 2 ** -6 : 1e-5;
        fused.dataSync().forEach((value, i) => {
          expect(Math.abs(value - apart[i])).toBeLessThanOrEqual(bound * Math.max(1, apart[i]));
        });
      });
    });
  });
}
