import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
import { expectClose, normals } from '../../helpers/compare.js';
import { checkOp } from '../../helpers/gradients.js';
import { CONV_CASES, convOutputShape, visitConv } from '../../helpers/naive.js';
import type { ConvCase } from '../../helpers/naive.js';
import * as tf from '@tensorflow/tfjs-core';

function naive(c: ConvCase, activation: string) {
  return (x: Float64Array, filter: Float64Array, bias?: Float64Array): Float64Array => {
    const shape = convOutputShape(c);
    const y = new Float64Array(shape.reduce((a, b) => a * b));
    visitConv(c, (ix, ifilter, iy) => (y[iy] += x[ix] * filter[ifilter]));
    return y.map((value, i) => {
      const sum = value + (bias?.[i % c.outChannels] ?? 0);
      return activation === 'relu' ? Math.max(0, sum) : sum;
    });
  };
}

function shapesOf(c: ConvCase, withBias: boolean): number[][] {
  const shapes = [
    [c.images, c.height, c.width, c.inChannels],
    [...c.filter, c.inChannels, c.outChannels],
  ];
  return withBias ? [...shapes, [c.outChannels]] : shapes;
}

/** Names of the kernels that run from now on, of those that match. */
function spyOnKernels(backend: string, names: RegExp): string[] {
  const used: string[] = [];
  for (const kernel of tf.getKernelsForBackend(backend)) {
    if (!names.test(kernel.kernelName)) continue;
    const { kernelFunc } = kernel;
    kernel.kernelFunc = (params) => {
      used.push(kernel.kernelName);
      return kernelFunc(params);
    };
  }
  return used;
}

describe.each(['cpu', 'wasm'] as const)('convBiasActivation on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  describe.each(['linear', 'relu'] as const)('%s', (activation) => {
    it.each(CONV_CASES)('$name', (c) => {
      const { strides, pad } = c;
      const op = (x: Tensor, filter: Tensor, bias?: Tensor) =>
        convBiasActivation(x as Tensor4D, filter as Tensor4D, (bias as Tensor1D | undefined) ?? null, {
          strides,
          pad,
          activation,
        });
      for (const withBias of [true, false]) {
        const label = `${c.name}, ${activation}, ${withBias ? 'bias' : 'no bias'}`;
        checkOp({ label, shapes: shapesOf(c, withBias), op, naive: naive(c, activation) });
      }
    });
  });

  it('without the rows and columns that a floor-mode pool drops: the pool and the gradients are the same', () => {
    const before = tf.memory().numTensors;
    const trimmed: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 0],
    ];
    const inputs = [[2, 7, 15, 3], [3, 3, 3, 4], [4]].map((shape, i) =>
      tf.tensor(normals(tf.util.sizeFromShape(shape), 1, i), shape),
    );
    const dy = tf.tensor(normals(2 * 3 * 7 * 4, 2), [2, 3, 7, 4]);
    const run = (pad: 'same' | tf.backend_util.ExplicitPadding) => {
      const pooled = (x: Tensor, filter: Tensor, bias: Tensor) =>
        tf.tidy(() => {
          const y = convBiasActivation(x as Tensor4D, filter as Tensor4D, bias as Tensor1D, { pad });
          expect(y.shape).toEqual(pad === 'same' ? [2, 7, 15, 4] : [2, 6, 14, 4]);
          return tf.maxPool(y, 2, 2, 'valid');
        });
      return tf.tidy(() => [pooled(inputs[0], inputs[1], inputs[2]), ...tf.grads(pooled)(inputs, dy)]);
    };
    const [whole, part] = [run('same'), run(trimmed)];
    whole.forEach((expected, i) => {
      expect(part[i].shape).toEqual(expected.shape);
      expectClose(`output or gradient ${i}`, part[i].dataSync(), expected.dataSync(), 1e-6);
    });
    tf.dispose([inputs, dy, whole, part]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a filter that is not trained: the bias’s gradient alone, and by no kernel of the filter’s', () => {
    const x = tf.tensor4d(normals(2 * 5 * 4 * 3, 3), [2, 5, 4, 3]);
    const filter = tf.tensor4d(normals(2 * 2 * 3 * 6, 4), [2, 2, 3, 6]);
    const bias = tf.variable(tf.ones<tf.Rank.R1>([6]));
    const dy = normals(2 * 4 * 3 * 6, 5);
    const loss = (trainsFilter: boolean) => () =>
      tf.tidy(() => {
        const y = convBiasActivation(x, filter, bias, {
          pad: 'valid',
          activation: 'relu',
          trainsFilter,
          precision: 'f32',
        });
        return tf.sum<tf.Scalar>(tf.mul(y, tf.tensor(dy, y.shape)));
      });
    const expected = tf.variableGrads(loss(true), [bias]);
    const used = spyOnKernels(backend, /BackpropFilter/);
    const actual = tf.variableGrads(loss(false), [bias]);
    expect(used).toEqual([]);
    expect(actual.value.dataSync()).toEqual(expected.value.dataSync());
    const [[db], [expectedDb]] = [Object.values(actual.grads), Object.values(expected.grads)];
    expectClose('bias', db.dataSync(), expectedDb.dataSync(), 1e-6);
    expect(() =>
      tf.grad((f: Tensor) => convBiasActivation(x, f as Tensor4D, bias, { trainsFilter: false }))(filter),
    ).toThrow('made with trainsFilter: false');
    tf.dispose([x, filter, bias, actual.value, expected.value, db, expectedDb]);
  });

  it('computes no gradient by images nobody asks for', () => {
    const images = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
    const filter = tf.variable(tf.ones<tf.Rank.R4>([3, 3, 2, 2]));
    const bias = tf.variable(tf.zeros<tf.Rank.R1>([2]));
    const used = spyOnKernels(backend, /Conv2DBackpropInput/);
    const { grads, value } = tf.variableGrads(
      () => tf.sum<tf.Scalar>(convBiasActivation(images, filter, bias)),
      [filter, bias],
    );
    expect(Object.keys(grads)).toHaveLength(2);
    expect(used).toEqual([]);
    tf.dispose([images, filter, bias, grads, value]);
  });
});
