import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, WHITENING, hasWhitening, setWhitening } from '../../src/nets/index.js';
import { whiteningFilters } from '../../src/nn/whitening.js';
import { expectClose } from '../helpers/compare.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { trainImages } from '../helpers/data.js';

const train = trainImages();

beforeAll(async () => {
  await selectBackend('wasm');
});

it('gives a fast net filters whose outputs on the images have second moments of 1, and leaves its bias', async () => {
  const images = train.images.subarray(0, 100 * 3072);
  const net = NETS['fast94-muon'].build({ seed: 1, dataset: CIFAR10 });
  expect(hasWhitening(net)).toBe(true);
  const layer = net.getLayer(WHITENING);
  const biasBefore = layer.getWeights()[0].dataSync();
  const before = tf.memory().numTensors;
  await setWhitening(net, images);
  expect(tf.memory().numTensors).toBe(before);
  // Those that are trained come first.
  const [bias, kernel] = layer.getWeights();
  expect(bias.dataSync()).toEqual(biasBefore);

  const moments = tf.tidy(() => {
    const x = tf.tensor4d(
      Float32Array.from(images, (value) => value / 255),
      [100, 32, 32, 3],
    );
    const normalised = net.getLayer('normalize').apply(x) as tf.Tensor4D;
    const outputs = tf.conv2d(normalised, kernel as tf.Tensor4D, 1, 'valid');
    return tf.mean(tf.square(outputs), [0, 1, 2]).dataSync();
  });
  // λ/(λ + ε): 1 but for the directions that hardly occur.
  for (let k = 0; k < 12; k++) {
    expect(moments[12 + k]).toBeCloseTo(moments[k], 5);
    expect(moments[k]).toBeLessThan(1.0001);
    expect(moments[k]).toBeGreaterThan(k < 6 ? 0.9 : 0.4);
  }
  net.dispose();
});

it('takes the first 5,000 images', async () => {
  const net = NETS.fast94.build({ seed: 1, dataset: CIFAR10 });
  await setWhitening(net, train.images.subarray(0, 5200 * 3072));
  const means = [0.4914, 0.4822, 0.4465];
  const deviations = [0.247, 0.2435, 0.2616];
  const normalised = new Float32Array(5000 * 3072);
  for (let i = 0; i < normalised.length; i++) {
    normalised[i] = (train.images[i] / 255 - means[i % 3]) / deviations[i % 3];
  }
  const filters = net.getLayer(WHITENING).getWeights()[1].dataSync();
  expectClose('filters', filters, whiteningFilters(normalised, [32, 32, 3]), 1e-5);
  net.dispose();
});

it('leaves the other nets alone', () => {
  const net = NETS.bench.build({ seed: 1, dataset: CIFAR10 });
  expect(hasWhitening(net)).toBe(false);
  net.dispose();
});
