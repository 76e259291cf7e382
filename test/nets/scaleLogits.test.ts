import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { selectBackend } from '../../src/engine/select.js';
import { NETS, logitsModel } from '../../src/nets/index.js';
import { scaleLogits } from '../../src/nets/scaleLogits.js';
import { normals } from '../helpers/compare.js';

beforeAll(async () => void (await selectBackend('wasm')));

it.each(['bench', 'fast-proxy', 'fast-proxy-muon'] as const)('scaleLogits scales those of %s', (name) => {
  const model = NETS[name].build({ seed: 1, dataset: CIFAR10 });
  // Some begin with zeros, through which nothing comes. Variances must be positive.
  const weights = model.getWeights().map(({ size, shape }) => tf.tensor(normals(size).map(Math.abs), shape));
  model.setWeights(weights);
  tf.dispose(weights);
  const images = tf.tensor(normals(2 * 3072), [2, 32, 32, 3]);
  const logits = logitsModel(model);
  const answer = (): Float32Array =>
    tf.tidy(() => (logits.apply(images) as tf.Tensor).dataSync<'float32'>().slice());
  const before = answer();
  scaleLogits(model, 0.37);
  const after = answer();
  expect(Math.max(...before.map(Math.abs))).toBeGreaterThan(1e-3);
  before.forEach((value, i) =>
    expect(Math.abs(after[i] - 0.37 * value)).toBeLessThan(1e-5 * Math.abs(value)),
  );
  images.dispose();
  model.dispose();
});

it('scaleLogits refuses a model whose logits it cannot find', () => {
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'last' })] });
  expect(() => scaleLogits(model, 2)).toThrow(/gives no logits: .* its last layer is last \(Dense\)/);
  scaleLogits(model, 1);
  model.dispose();
});
