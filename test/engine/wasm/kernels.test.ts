import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { conv2DBackpropFilterBias } from '../../../src/engine/ops/Conv2DBackpropFilterBias.js';
import { selectBackend } from '../../../src/engine/select.js';
import { registerWasmTrainingKernels } from '../../../src/engine/wasm/register.js';
import { expectClose, normals } from '../../helpers/compare.js';
import { visitConv } from '../../helpers/naive.js';
import type { ConvCase } from '../../helpers/naive.js';

beforeAll(async () => {
  await selectBackend('wasm');
});

describe('Conv2DBackpropFilter on wasm', () => {
  it('sums over groups of images when a row of all of them is too large for the cache', () => {
    const before = tf.memory().numTensors;
    const c: ConvCase = {
      name: '130 images, 16 columns × 64 filters: groups of 128 and 2',
      images: 130,
      height: 4,
      width: 16,
      inChannels: 2,
      outChannels: 64,
      filter: [3, 3],
      strides: [1, 1],
      pad: 'same',
    };
    const x = tf.tensor4d(normals(130 * 4 * 16 * 2, 1), [130, 4, 16, 2]);
    const dy = tf.tensor4d(normals(130 * 4 * 16 * 64, 2), [130, 4, 16, 64]);
    const [dFilter, dBias] = conv2DBackpropFilterBias(x, dy, {
      strides: 1,
      pad: 'same',
      dataFormat: 'NHWC',
      filterShape: [3, 3, 2, 64],
    });
    const [xValues, dyValues] = [x.dataSync(), dy.dataSync()];
    const filter = new Float64Array(3 * 3 * 2 * 64);
    const bias = new Float64Array(64);
    visitConv(c, (ix, ifilter, iy) => (filter[ifilter] += xValues[ix] * dyValues[iy]));
    dyValues.forEach((value, i) => (bias[i % 64] += value));
    expectClose(c.name, dFilter.dataSync(), filter, 1e-5);
    expectClose(`${c.name}, bias`, dBias.dataSync(), bias, 1e-6);
    tf.dispose([x, dy, dFilter, dBias]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('BatchMatMul on wasm', () => {
  it.each([
    { name: 'one matrix', a: [3, 5], b: [5, 4] },
    { name: 'a batch', a: [2, 3, 5], b: [2, 5, 4] },
    { name: 'one left matrix for a batch of right ones', a: [1, 3, 5], b: [4, 5, 2] },
    { name: 'rank 4', a: [2, 3, 1, 7], b: [2, 3, 7, 2] },
  ])('$name: all four ways to transpose', ({ name, a, b }) => {
    const before = tf.memory().numTensors;
    const left = tf.tensor(normals(tf.util.sizeFromShape(a), 1), a);
    const right = tf.tensor(normals(tf.util.sizeFromShape(b), 2), b);
    const expected = tf.matMul(left, right);
    const swapped = (x: tf.Tensor) => {
      const axes = x.shape.map((_, i) => i);
      return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
    };
    const leftT = swapped(left);
    const rightT = swapped(right);
    for (const [transposeA, transposeB] of [
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const product = tf.matMul(
        transposeA ? leftT : left,
        transposeB ? rightT : right,
        transposeA,
        transposeB,
      );
      expect(product.shape).toEqual(expected.shape);
      expectClose(`${name}, ${transposeA}/${transposeB}`, product.dataSync(), expected.dataSync(), 1e-6);
      product.dispose();
    }
    tf.dispose([left, right, leftT, rightT, expected]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('MaxPoolGrad on wasm', () => {
  const cases = [
    { name: '2×2', shape: [2, 4, 6, 3], filter: 2, stride: 2, pad: 'valid' },
    { name: '2×2 valid, odd size: a tail unused', shape: [1, 5, 3, 2], filter: 2, stride: 2, pad: 'valid' },
    { name: '2×2 same, odd size', shape: [2, 5, 3, 2], filter: 2, stride: 2, pad: 'same' },
    { name: '3×3 stride 1: windows overlap', shape: [1, 4, 5, 3], filter: 3, stride: 1, pad: 'same' },
    { name: '3×3 stride 2', shape: [2, 7, 7, 1], filter: 3, stride: 2, pad: 'same' },
  ] as const;

  it.each(cases)(
    '$name: as the CPU backend has it, ties too',
    async ({ name, shape, filter, stride, pad }) => {
      const size = tf.util.sizeFromShape([...shape]);
      // Few different values, so that windows have equal ones.
      const values = normals(size, 3).map((value) => Math.max(0, Math.round(value)));
      const gradient = () =>
        tf.tidy(() => {
          const x = tf.tensor4d(values, [...shape]);
          const pool = (input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, filter, stride, pad);
          const dy = tf.tensor(normals(pool(x).size, 4), pool(x).shape);
          return tf.grad(pool)(x, dy).dataSync();
        });
      const actual = gradient();
      await selectBackend('cpu');
      const expected = gradient();
      await selectBackend('wasm');
      expectClose(name, actual, expected, 1e-6);
    },
  );
});

it('registers its kernels once, however often it is asked', () => {
  const input = tf.getKernel('Conv2DBackpropInput', 'wasm');
  registerWasmTrainingKernels();
  expect(tf.getKernel('Conv2DBackpropInput', 'wasm')).toBe(input);
});
