import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { onnxFile } from '../../src/exchange/onnx/onnxModel.js';
import { toGraph } from '../../src/exchange/onnx/toGraph.js';
import { adoptConstants } from '../../src/nets/adoptConstants.js';
import { NETS } from '../../src/nets/index.js';
import { buildOwnNet } from '../../src/nets/ownNet.js';
import { normals } from '../helpers/compare.js';
import { branched, randomise } from '../helpers/models.js';

beforeAll(async () => {
  await selectBackend('wasm');
  ort.env.wasm.numThreads = 1;
});

const IMAGES = 3;

/** The largest difference between tfjs's answers and those of onnxruntime-web, of answers that are not all alike. */
async function difference(model: tfl.LayersModel): Promise<number> {
  const [height, width, channels] = model.inputs[0].shape.slice(1) as number[];
  const pixels = normals(IMAGES * height * width * channels, 99).map((value) => Math.abs(value) % 1);
  const shape = [IMAGES, height, width, channels];
  const own = tf.tidy(() =>
    (model.predict(tf.tensor(pixels, shape)) as tf.Tensor).dataSync<'float32'>().slice(),
  );
  const file = onnxFile(await toGraph(model), { name: 'test', version: '0' }, { a: 'b' });
  const session = await ort.InferenceSession.create(file);
  const { probabilities } = await session.run({ images: new ort.Tensor('float32', pixels, shape) });
  const answers = probabilities.data as Float32Array;
  await session.release();
  expect(answers).toHaveLength(own.length);
  expect(Math.max(...own) - Math.min(...own)).toBeGreaterThan(1e-3);
  return own.reduce((most, value, i) => Math.max(most, Math.abs(value - answers[i])), 0);
}

describe('a model as ONNX', () => {
  it.each(['bench', 'deep', 'fast94-muon', 'fast96'] as const)(
    '%s answers as tfjs does',
    { timeout: 120_000 },
    async (name) => {
      const model = NETS[name].build({ seed: null, dataset: CIFAR10 });
      randomise(model);
      await adoptConstants(model);
      expect(await difference(model)).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  it('a network of one’s own answers as tfjs does', async () => {
    const example = new URL('../../examples/net.mjs', import.meta.url).pathname;
    const model = await buildOwnNet(example, { seed: 1, dataset: CIFAR10 });
    randomise(model);
    expect(await difference(model)).toBeLessThan(1e-5);
    model.dispose();
  });

  const { layers } = tfl;
  const head = () => [layers.flatten(), layers.dense({ units: 4, activation: 'softmax' as const })];
  it.each<[string, () => tfl.layers.Layer[]]>([
    [
      'strides and even padding',
      () => [layers.conv2d({ filters: 5, kernelSize: [3, 2], strides: 2, padding: 'same' })],
    ],
    [
      'strides without padding',
      () => [layers.conv2d({ filters: 5, kernelSize: 5, strides: [2, 3], activation: 'elu' })],
    ],
    [
      'dilation',
      () => [
        layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same', activation: 'tanh' }),
      ],
    ],
    [
      'depthwise filters',
      () => [
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu6' }),
      ],
    ],
    [
      'means of windows over the border',
      () => [layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
    ],
    [
      'maxima of windows over the border',
      () => [layers.maxPooling2d({ poolSize: [3, 2], strides: 2, padding: 'same' })],
    ],
    ['maxima of windows that leave a row', () => [layers.maxPooling2d({ poolSize: 2 })]],
    ['batch normalisation without scale', () => [layers.batchNormalization({ scale: false })]],
    [
      'batch normalisation without offset',
      () => [layers.batchNormalization({ center: false, epsilon: 0.1 })],
    ],
    ['swish', () => [layers.conv2d({ filters: 3, kernelSize: 1, activation: 'swish' })]],
    ['gelu', () => [layers.activation({ activation: 'gelu' })]],
    [
      'selu, softplus, softsign',
      () =>
        (['selu', 'softplus', 'softsign'] as const).map((activation) => layers.activation({ activation })),
    ],
    ['leaky ReLU', () => [layers.batchNormalization(), layers.leakyReLU({ alpha: 0.2 })]],
    [
      'ELU and ReLU with a bound',
      () => [layers.batchNormalization(), layers.elu(), layers.reLU({ maxValue: 1 })],
    ],
    ['rescaling', () => [layers.rescaling({ scale: 2, offset: -0.5 })]],
    ['what only training does', () => [layers.dropout({ rate: 0.5 }), layers.gaussianNoise({ stddev: 1 })]],
  ])('computes %s', async (_name, make) => {
    const model = tfl.sequential({
      layers: [layers.inputLayer({ inputShape: [11, 9, 3] }), ...make(), ...head()],
    });
    randomise(model);
    expect(await difference(model)).toBeLessThan(1e-5);
    model.dispose();
  });

  it('joins branches, by sum, product, maximum and side by side, and shares layers', async () => {
    const model = branched([8, 8, 3], 4);
    randomise(model);
    expect(await difference(model)).toBeLessThan(1e-5);
    model.dispose();
  });

  it.each<[string, tfl.layers.Layer, RegExp]>([
    [
      'a layer without counterpart',
      layers.upSampling2d({ size: [2, 2], name: 'up' }),
      /layer up \(UpSampling2D\) cannot be written as ONNX: layers of its kind are not known/,
    ],
    [
      'an activation without counterpart',
      layers.activation({ activation: 'hardSigmoid', name: 'hard' }),
      /layer hard .*its activation is hardsigmoid/,
    ],
  ])('is refused for %s, by its name', async (_name, layer, reason) => {
    const model = tfl.sequential({
      layers: [layers.inputLayer({ inputShape: [4, 4, 3] }), layer, ...head()],
    });
    await expect(toGraph(model)).rejects.toThrow(reason);
    model.dispose();
  });
});
