import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { batchNormTraining } from '../../../src/engine/ops/BatchNormTraining.js';
import { channelSum } from '../../../src/engine/ops/ChannelSum.js';
import { conv2DBackpropFilterBias } from '../../../src/engine/ops/Conv2DBackpropFilterBias.js';
import { convBiasActivation } from '../../../src/engine/ops/convBiasActivation.js';
import { gelu } from '../../../src/engine/ops/Gelu.js';
import { geluGrad } from '../../../src/engine/ops/GeluGrad.js';
import { reluGrad } from '../../../src/engine/ops/ReluGrad.js';
import { seededDropout } from '../../../src/engine/ops/SeededDropout.js';
import { silu } from '../../../src/engine/ops/Silu.js';
import { siluGrad } from '../../../src/engine/ops/SiluGrad.js';
import { softmaxCrossEntropy } from '../../../src/engine/ops/SoftmaxCrossEntropy.js';
import { selectBackend } from '../../../src/engine/select.js';
import { normals, relativeError } from '../../helpers/compare.js';
import { CONV_CASES, type ConvCase, convOutputShape } from '../../helpers/naive.js';
import { adamUpdate, lerp, sgdUpdate } from '../../helpers/updateOne.js';
import { describeWebGpu } from './setup.js';

const random = <T extends tf.Tensor>(shape: readonly number[], name: number): T =>
  tf.tensor(normals(tf.util.sizeFromShape([...shape]), name), [...shape]) as T;

/** Values of what a function makes. */
type Make = () => tf.Tensor | tf.Tensor[];

/** A function's values on a backend; whatever it makes is released. */
async function valuesOn(backend: 'cpu' | 'webgpu', make: Make): Promise<Float32Array[]> {
  await selectBackend(backend);
  const before = tf.memory().numTensors;
  const made = tf.tidy(() => [make()].flat());
  const values = await Promise.all(made.map(async (one) => (await one.data()) as Float32Array));
  tf.dispose(made);
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

/** By plain tfjs operations on the host, and by the kernels of the device. */
async function compare(make: Make, tolerance: number): Promise<void> {
  const expected = await valuesOn('cpu', make);
  const actual = await valuesOn('webgpu', make);
  expected.forEach((values, i) => {
    expect(relativeError(actual[i], values), `output ${i}`).toBeLessThanOrEqual(tolerance);
  });
}

/** Small, of odd sizes, and of more positions than a part has. */
const SHAPES: readonly (readonly number[])[] = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [3, 20, 9, 70],
  [300, 6],
];

describeWebGpu('kernels of training on a graphics device', () => {
  beforeAll(async () => void (await selectBackend('webgpu')));

  it.each(SHAPES.map((shape) => [shape] as const))('elementwise, %j', async (shape) => {
    await compare(() => gelu(random(shape, 1)), 1e-6);
    await compare(() => geluGrad(random(shape, 1), random(shape, 2)), 1e-6);
    await compare(() => silu(random(shape, 1)), 1e-6);
    await compare(() => siluGrad(random(shape, 1), random(shape, 2)), 1e-6);
    await compare(() => reluGrad(random(shape, 1), random(shape, 2)), 0);
    await compare(() => lerp(random(shape, 1), random(shape, 2), 0.3), 1e-6);
    const attrs = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    const adam: Make = () =>
      adamUpdate(random(shape, 1), random(shape, 2), tf.abs(random(shape, 3)), random(shape, 4), attrs);
    await compare(adam, 1e-6);
    for (const nesterov of [false, true]) {
      const sgd = { learningRate: 0.1, momentum: 0.85, weightDecay: 0.01, nesterov };
      await compare(() => sgdUpdate(random(shape, 1), random(shape, 2), random(shape, 3), sgd), 1e-6);
    }
  });

  it.each(SHAPES.map((shape) => [shape] as const))(
    'batch normalisation and its gradients, %j',
    async (shape) => {
      const channels = shape[shape.length - 1];
      const parameter = (name: number): tf.Tensor1D => random([channels], name);
      // A mean far from 0, which squares about 0 would lose.
      const x = (): tf.Tensor => tf.add(random(shape, 1), 30);
      await compare(
        () => Object.values<tf.Tensor>({ ...batchNormTraining(x(), parameter(2), parameter(3), 1e-3) }),
        2e-5,
      );
      const gradients: Make = () =>
        tf.grads((...of: tf.Tensor[]) =>
          tf.mul(
            batchNormTraining(of[0], of[1] as tf.Tensor1D, of[2] as tf.Tensor1D, 1e-3).y,
            random(shape, 4),
          ),
        )([x(), parameter(2), parameter(3)]);
      // Of a single position everything is 0 but for rounding.
      if (shape[0] > 1) await compare(gradients, 2e-5);
    },
  );

  it('a convolution whose bias is one number, or of one output', async () => {
    const x = (): tf.Tensor4D => random([2, 5, 5, 3], 1);
    const convolved =
      (outputs: number, bias: () => tf.Tensor): Make =>
      () =>
        tf.fused.conv2d({
          ...{ x: x(), filter: random([3, 3, 3, outputs], 2), strides: 1, pad: 'same' as const },
          ...{ bias: bias(), activation: 'relu' as const },
        });
    await compare(
      convolved(6, () => tf.scalar(0.5)),
      1e-5,
    );
    await compare(
      convolved(1, () => tf.tensor1d([0.5])),
      1e-5,
    );
  });

  it('a transposed convolution of a size that no convolution gives', async () => {
    const make: Make = () =>
      tf.conv2dTranspose(random([1, 8, 8, 4], 1), random([3, 3, 2, 4], 2), [1, 4, 4, 2], 1, 'same');
    await compare(make, 1e-5);
  });

  it('sums by channel', async () => {
    for (const shape of SHAPES.slice(0, 3)) await compare(() => channelSum(random(shape, 1)), 1e-6);
  });

  it('dropout: the very mask of the host, and its gradient', async () => {
    for (const shape of SHAPES) {
      for (const rate of [0, 0.25, 0.5]) {
        await compare(() => seededDropout(random(shape, 1), rate, 5, -7), 0);
        await compare(() => tf.grad((x) => seededDropout(x, rate, 0x9e3779b9, 3))(random(shape, 1)), 0);
      }
    }
  });

  it('cross-entropy and its gradient, of labels that lie there as integers, too', async () => {
    const labels = () => tf.cast(tf.oneHot([1, 0, 3, 9, 9, 4], 10), 'float32') as tf.Tensor2D;
    const logits = () => tf.mul<tf.Tensor2D>(random([6, 10], 1), 20);
    for (const smoothing of [0, 0.2]) {
      await compare(
        () => Object.values<tf.Tensor>({ ...softmaxCrossEntropy(logits(), labels(), smoothing) }),
        1e-6,
      );
      const gradient: Make = () =>
        tf.grad((of) => softmaxCrossEntropy(of as tf.Tensor2D, labels(), smoothing).losses)(logits());
      await compare(gradient, 1e-6);
    }
  });

  it('normalisation of a network in use, with factors by channel, one for all or none', async () => {
    const [x, one] = [() => random<tf.Tensor4D>([3, 5, 4, 7], 1), () => random<tf.Tensor1D>([7], 2)];
    const variance = (): tf.Tensor1D => tf.add(tf.abs(one()), 0.1);
    await compare(
      () => [
        tf.batchNorm(x(), one(), variance(), random<tf.Tensor1D>([7], 3), random<tf.Tensor1D>([7], 4), 1e-3),
        tf.batchNorm(x(), one(), variance(), undefined, random<tf.Tensor1D>([7], 4)),
        tf.batchNorm(x(), one(), variance()),
      ],
      1e-6,
    );
  });

  it.each<[string, number | [number, number], number, 'same' | 'valid']>([
    ['2 by 2', 2, 2, 'valid'],
    ['3 by 2 that overlap, over the border', [3, 2], 1, 'same'],
    ['2 by 2 that leave pixels out', 2, 3, 'valid'],
    ['3 by 3 in steps of 2, over the border', 3, 2, 'same'],
  ])('maxima of %s, and their gradient: of equal ones the first', async (_name, size, strides, pad) => {
    // Of few values, such that many are equal.
    const x = (): tf.Tensor4D => tf.round(random<tf.Tensor4D>([2, 9, 7, 5], 1));
    await compare(() => [pooled(x()), pooled(tf.cast(x(), 'int32'))], 0);
    await compare(() => tf.grad((of) => tf.mul(pooled(of), tf.add(pooled(of), 2)))(x()), 1e-6);
    function pooled(of: tf.Tensor): tf.Tensor {
      return tf.maxPool(of as tf.Tensor4D, size, strides, pad);
    }
  });

  /** More than one tile and part, beside the cases that kernels' edges are met in. */
  const large: ConvCase = {
    ...{ name: '3×3 same, several tiles and parts', images: 3, height: 20, width: 20 },
    ...{ inChannels: 24, outChannels: 40, filter: [3, 3], strides: [1, 1], pad: 'same' },
  };
  const cases = [...CONV_CASES, large].map((one) => [one.name, one] as const);

  it.each(cases)('convolution, with bias and ReLU, and the gradient by its input: %s', async (_name, one) => {
    const { images, height, width, inChannels, outChannels, filter, strides, pad } = one;
    const x = (): tf.Tensor4D => random([images, height, width, inChannels], 1);
    const w = (): tf.Tensor4D => random([...filter, inChannels, outChannels], 2);
    await compare(() => tf.conv2d(x(), w(), strides, pad), 1e-6);
    for (const activation of ['linear', 'relu'] as const) {
      for (const hasBias of [false, true]) {
        const options = { strides, pad, activation };
        const bias = (): tf.Tensor1D | null => (hasBias ? random([outChannels], 3) : null);
        await compare(() => convBiasActivation(x(), w(), bias(), options), 1e-6);
      }
    }
    const gradient: Make = () =>
      tf.grad((of) =>
        tf.mul(tf.conv2d(of as tf.Tensor4D, w(), strides, pad), random(convOutputShape(one), 4)),
      )(x());
    await compare(gradient, 1e-6);
  });

  it.each(cases)('gradients of filters and biases: %s', async (_name, one) => {
    const { images, height, width, inChannels, outChannels, filter, strides, pad } = one;
    await compare(
      () =>
        conv2DBackpropFilterBias(
          random([images, height, width, inChannels], 1),
          random(convOutputShape(one), 2),
          { strides, pad, dataFormat: 'NHWC', filterShape: [...filter, inChannels, outChannels] },
        ),
      1e-6,
    );
  });
});
