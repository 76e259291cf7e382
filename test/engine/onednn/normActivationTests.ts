import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { batchNormTraining, type NormActivation } from '../../../src/engine/ops/index.js';
import { fusesNormActivation } from '../../../src/engine/ops/normActivation.js';
import { normalShareBelow } from '../../helpers/naive.js';
import { accumulator, exactValues, worstError } from './reference.js';
import { activate, asActivation, describeOneDnn, runsMachineCode } from './setup.js';

type Shape4 = [number, number, number, number];

const sigma = (z: number): number => 1 / (1 + Math.exp(-z));

const PLAIN: Readonly<
  Record<NormActivation, { value: (z: number) => number; slope: (z: number) => number }>
> = {
  linear: { value: (z) => z, slope: () => 1 },
  swish: { value: (z) => z * sigma(z), slope: (z) => sigma(z) * (1 + z * (1 - sigma(z))) },
  gelu: {
    value: (z) => z * normalShareBelow(z),
    slope: (z) => normalShareBelow(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI),
  },
};

const EPSILON = 1e-3;

export function normActivationTests(precision: 'bf16' | 'f32'): void {
  describeOneDnn('batch normalisation with its activation', precision, () => {
    /** Of a result of x's type, relative to its terms; the activations' own error is far less than that of bf16. */
    const bound = { f32: 1e-5, bf16: 1.1 * 2 ** -8 }[precision];
    let block: number;
    beforeAll(async () => {
      ({ channelBlock: block } = (await activate(precision)).descriptors);
    });

    function run(
      x: tf.Tensor4D,
      { scale, offset, dy }: { scale: Float32Array; offset: Float32Array; dy: Float32Array },
      activation: NormActivation,
    ): ArrayLike<number>[] {
      return tf.tidy(() => {
        const f = (...[a, b, d]: tf.Tensor[]): tf.Tensor =>
          batchNormTraining(a, b as tf.Tensor1D, d as tf.Tensor1D, EPSILON, activation).y;
        const inputs = [x, tf.tensor1d(scale), tf.tensor1d(offset)];
        const gradients = tf.grads(f)(inputs, tf.tensor4d(dy, x.shape));
        return [f(...inputs), ...gradients].map((tensor) => tensor.dataSync());
      });
    }

    /** Shares of terms that results, gradients by x, and sums may be off by. */
    function allowedOf(isFused: boolean, isBlocked: boolean): readonly [number, number, number] {
      if (precision === 'f32' || !isBlocked) return [1e-6, 1e-5, 2e-5];
      // What is between two kernels, or two passes, is rounded; activations are right to about 1e-4.
      return isFused ? [1e-4, bound, 5e-4] : [bound, 10 * bound, bound];
    }

    /** @param spread of what is activated */
    function check(activation: NormActivation, shape: Shape4, spread: number, isBlocked: boolean): void {
      const { value, slope } = PLAIN[activation];
      const c = shape[3];
      const x = exactValues(shape, 21);
      const dy = exactValues(shape, 22);
      const scale = exactValues([c], 23).map((share) => spread * (1 + share / 2));
      const offset = exactValues([c], 24);
      const count = x.length / c;
      const [mean, variance] = [new Float64Array(c), new Float64Array(c)];
      x.forEach((v, i) => (mean[i % c] += v / count));
      x.forEach((v, i) => (variance[i % c] += (v - mean[i % c]) ** 2 / count));
      const hat = Float64Array.from(x, (v, i) => (v - mean[i % c]) / Math.sqrt(variance[i % c] + EPSILON));
      const z = hat.map((h, i) => h * scale[i % c] + offset[i % c]);
      const dz = z.map((v, i) => dy[i] * slope(v));
      const [dScale, dOffset] = [accumulator(c), accumulator(c)];
      dz.forEach((d, i) => {
        dScale.add(i % c, d * hat[i]);
        dOffset.add(i % c, d);
      });
      const [y, dx] = [accumulator(x.length), accumulator(x.length)];
      z.forEach((v, i) => {
        const factor = scale[i % c] / Math.sqrt(variance[i % c] + EPSILON);
        y.add(i, value(v));
        dx.add(i, factor * dz[i]);
        dx.add(i, (-factor * dOffset.value[i % c]) / count);
        dx.add(i, (-factor * hat[i] * dScale.value[i % c]) / count);
        // What rounding the terms of z costs, some 1e-6 of them.
        const terms = Math.abs(hat[i] * scale[i % c]) + Math.abs(offset[i % c]);
        y.magnitude[i] += terms;
        dx.magnitude[i] += Math.abs(factor * dy[i]) * (0.05 + 0.2 * terms);
        // And what sums are off by.
        const ofSums = dOffset.magnitude[i % c] + Math.abs(hat[i]) * dScale.magnitude[i % c];
        dx.magnitude[i] += (Math.abs(factor) * ofSums) / count;
      });
      const before = tf.memory().numTensors;
      const tensor = isBlocked ? asActivation(x, shape) : tf.tensor4d(x, shape);
      const isFused = fusesNormActivation(tensor);
      expect(isFused).toBe(runsMachineCode && c % block === 0);
      const actual = run(tensor, { scale, offset, dy }, activation);
      tensor.dispose();
      expect(tf.memory().numTensors).toBe(before);
      const relative = isBlocked ? bound : 1e-5;
      const [ofTerms, ofGradient, ofSums] = allowedOf(isFused, isBlocked);
      expect(worstError(actual[0], y, relative, ofTerms), 'y').toBeLessThanOrEqual(1);
      expect(worstError(actual[1], dx, relative, ofGradient), 'dx').toBeLessThanOrEqual(1);
      expect(worstError(actual[2], dScale, 1e-5, ofSums), 'dScale').toBeLessThanOrEqual(1);
      expect(worstError(actual[3], dOffset, 1e-5, ofSums), 'dOffset').toBeLessThanOrEqual(1);
    }

    for (const activation of ['linear', 'gelu', 'swish'] as const) {
      for (const shape of [
        [32, 15, 15, 32],
        [7, 6, 5, 48],
        [1, 3, 3, 16],
        [20, 1, 1, 32],
        [3, 5, 4, 24],
      ] as const) {
        const label = `${activation}, [${shape.join(', ')}]`;
        it.each([
          ['in blocks', true],
          ['row-major', false],
        ] as const)(`${label}, %s`, (_, isBlocked) => {
          for (const spread of [1, 30]) check(activation, [...shape], spread, isBlocked);
        });
      }

      it.skipIf(!runsMachineCode)(`${activation}: what is not a number spreads over its channel`, () => {
        const shape: Shape4 = [2, 3, 3, 16];
        const x = exactValues(shape, 25);
        x[3 * 16 + 5] = NaN;
        const ones = new Float32Array(16).fill(1);
        const tensor = tf.tensor4d(x, shape);
        const dy = exactValues(shape, 26);
        const [y, dx, dScale, dOffset] = run(tensor, { scale: ones, offset: ones, dy }, activation);
        tensor.dispose();
        const notNumbers = (values: ArrayLike<number>): number[] =>
          Array.from(values).flatMap((value, i) => (Number.isNaN(value) ? [i % 16] : []));
        expect(new Set(notNumbers(y))).toEqual(new Set([5]));
        expect(notNumbers(y)).toHaveLength(18);
        expect(notNumbers(dx)).toHaveLength(18);
        expect(notNumbers(dScale)).toEqual([5]);
        expect(notNumbers(dOffset)).toEqual(activation === 'linear' ? [] : [5]);
      });
    }

    it('gives the same bits by one thread as by two', async () => {
      const shape: Shape4 = [48, 7, 7, 32];
      const values = { scale: exactValues([32], 1), offset: exactValues([32], 2), dy: exactValues(shape, 3) };
      const bits = (): string[] => {
        const x = asActivation(exactValues(shape, 4), shape);
        const results = run(x, values, 'swish');
        x.dispose();
        return results.map((result) => Buffer.from(Float32Array.from(result).buffer).toString('base64'));
      };
      await activate(precision, 1);
      const one = bits();
      await activate(precision, 2);
      expect(bits()).toEqual(one);
    });
  });
}
