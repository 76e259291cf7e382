import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { convBiasActivation } from '../../../src/engine/ops/index.js';
import { selectBackend } from '../../../src/engine/select.js';
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

  it('computes no gradient by images nobody asks for', () => {
    const images = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
    const filter = tf.variable(tf.ones<tf.Rank.R4>([3, 3, 2, 2]));
    const bias = tf.variable(tf.zeros<tf.Rank.R1>([2]));
    const used: string[] = [];
    for (const kernel of tf.getKernelsForBackend(backend)) {
      if (kernel.kernelName !== 'Conv2DBackpropInput') continue;
      const { kernelFunc } = kernel;
      kernel.kernelFunc = (params) => {
        used.push(kernel.kernelName);
        return kernelFunc(params);
      };
    }
    const { grads, value } = tf.variableGrads(
      () => tf.sum<tf.Scalar>(convBiasActivation(images, filter, bias)),
      [filter, bias],
    );
    expect(Object.keys(grads)).toHaveLength(2);
    expect(used).toEqual([]);
    tf.dispose([images, filter, bias, grads, value]);
  });
});
