import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { HEAD, NETS, WHITENING, logitsModel, setWhitening } from '../../src/nets/index.js';
import { type NamedWeight, namedWeights } from '../../src/nets/namedWeights.js';
import { Rng } from '../../src/util/rng.js';
import { expectClose, normals } from '../helpers/compare.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { trainImages } from '../helpers/data.js';

const MEANS = [0.4914, 0.4822, 0.4465];
const DEVIATIONS = [0.247, 0.2435, 0.2616];
const train = trainImages();

beforeAll(async () => {
  await selectBackend('wasm');
});

interface Shape {
  depth: number;
  /** Of the logits over the head's outputs. */
  scale: number;
}

/**
 * A fast net as tf-core's own operations: images → logits.
 * @param weights by `<layer>/<weight>`
 * @param training with the batch's statistics instead of the moving ones
 */
function composition(
  weights: ReadonlyMap<string, tf.Tensor>,
  images: tf.Tensor4D,
  { depth, scale }: Shape,
  training: boolean,
): tf.Tensor2D {
  const weight = <T extends tf.Tensor>(name: string) => weights.get(name) as T;
  const gelu = (x: tf.Tensor4D): tf.Tensor4D =>
    tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1));
  const conv = (x: tf.Tensor4D, number: number): tf.Tensor4D =>
    tf.conv2d(x, weight<tf.Tensor4D>(`conv${number}/kernel`), 1, 'same');
  const norm = (x: tf.Tensor4D, number: number): tf.Tensor4D => {
    const { mean, variance } = training
      ? tf.moments(x, [0, 1, 2])
      : { mean: weight(`norm${number}/moving_mean`), variance: weight(`norm${number}/moving_variance`) };
    const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-12)));
    return tf.add(normalised, weight(`norm${number}/beta`));
  };
  const normalised = tf.div<tf.Tensor4D>(tf.sub(images, MEANS), DEVIATIONS);
  const whitened = tf.conv2d(normalised, weight<tf.Tensor4D>(`${WHITENING}/kernel`), 1, 'valid');
  let x = gelu(tf.add(whitened, weight(`${WHITENING}/bias`)));
  for (let number = 1; number <= 3 * depth; number += depth) {
    const first = gelu(norm(tf.maxPool(conv(x, number), 2, 2, 'valid'), number));
    const second = gelu(norm(conv(first, number + 1), number + 1));
    x = depth === 2 ? second : gelu(tf.add(norm(conv(second, number + 2), number + 2), first));
  }
  const features: tf.Tensor2D = tf.reshape(tf.maxPool(x, 3, 3, 'valid'), [images.shape[0], -1]);
  return tf.mul(tf.matMul(features, weight<tf.Tensor2D>(`${HEAD}/kernel`)), scale);
}

/**
 * A net as after some training: no offset, mean or variance is a round number, and no filter passes a channel on as it
 * is, so that next to no two values that a pool compares are equal but for rounding.
 */
async function build(name: 'fast94' | 'fast96'): Promise<{ net: LayersModel; weights: NamedWeight[] }> {
  const net = NETS[name].build({ seed: 3, dataset: CIFAR10 });
  await setWhitening(net, train.images.subarray(0, 200 * 3072));
  const weights = namedWeights(net);
  const rng = new Rng(4);
  for (const { name, variable, isFixed } of weights) {
    if (isFixed) continue;
    const isVariance = name.endsWith('variance');
    const [start, deviation] = variable.rank === 4 ? [variable.dataSync(), 0.01] : [[], 0.3];
    const values = Float32Array.from({ length: variable.size }, (_, i) =>
      isVariance ? rng.uniform(0.5, 2) : (start[i] ?? 0) + deviation * rng.normal(),
    );
    const tensor = tf.tensor(values, variable.shape);
    variable.assign(tensor);
    tensor.dispose();
  }
  return { net, weights };
}

describe.each([
  ['fast94', { depth: 2, scale: 1 / 9 }],
  ['fast96', { depth: 3, scale: 1 / 9 }],
] as const)('%s', (name, shape) => {
  it('gives what plain operations give, in inference and training, and the same gradients', async () => {
    const before = tf.memory().numTensors;
    const { net, weights } = await build(name);
    const logits = logitsModel(net);
    const byName = new Map(weights.map(({ name, variable }) => [name, variable]));
    const trained = weights.filter(({ trainable }) => trainable);
    const images = tf.tensor4d(
      Float32Array.from(train.images.subarray(0, 4 * 3072), (v) => v / 255),
      [4, 32, 32, 3],
    );
    const dy = tf.tensor2d(normals(40, 6), [4, 10]);

    tf.tidy(() => {
      const actual = logits.apply(images) as tf.Tensor;
      const expected = composition(byName, images, shape, false);
      expectClose('inference', actual.dataSync(), expected.dataSync(), 1e-5);
      const probabilities = net.predict(images) as tf.Tensor;
      expectClose('probabilities', probabilities.dataSync(), tf.softmax(expected).dataSync(), 1e-5);
    });

    const gradientsOf = (forward: () => tf.Tensor) => {
      let outputs: Float32Array = new Float32Array();
      const variables = trained.map(({ variable }) => variable);
      const { value, grads } = tf.variableGrads(() => {
        const y = forward();
        outputs = y.dataSync<'float32'>();
        return tf.sum(tf.mul(y, dy));
      }, variables);
      const values = variables.map((variable) => grads[variable.name].dataSync<'float32'>());
      tf.dispose([value, grads]);
      return { outputs, values };
    };
    const expected = gradientsOf(() => composition(byName, images, shape, true));
    const actual = gradientsOf(() => logits.apply(images, { training: true }) as tf.Tensor);
    expectClose('training', actual.outputs, expected.outputs, 1e-5);
    trained.forEach(({ name }, i) => {
      expectClose(`gradient by ${name}`, actual.values[i], expected.values[i], 1e-4);
    });

    tf.dispose([images, dy]);
    net.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
