import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import {
  NETS,
  countFlops,
  countParameters,
  countTrainableParameters,
  logitsModel,
  summaryText,
} from '../../src/nets/index.js';
import type { NetName } from '../../src/nets/index.js';
import { expectClose } from '../helpers/compare.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

let model: LayersModel | undefined;

const build = (name: NetName, seed = 1) => (model = NETS[name].build({ seed, dataset: CIFAR10 }));

beforeAll(async () => {
  await selectBackend('wasm');
});

afterEach(() => {
  model?.dispose();
  model = undefined;
});

/** A net as the article writes it: C64 a convolution, D.25 dropout, M max-pooling, B batch normalisation, F dense. */
function outline(net: LayersModel): string {
  const letters: Record<string, string> = {
    Conv2D: 'C',
    Dropout: 'D',
    MaxPooling2D: 'M',
    BatchNormalization: 'B',
    GlobalAveragePooling2D: 'G',
    Dense: 'F',
    Activation: 'S',
  };
  return net.layers
    .slice(1)
    .map((layer) => {
      const { filters, units, rate, activation } = layer.getConfig() as Record<
        string,
        string | number | undefined
      >;
      const linear = activation === 'linear' ? 'linear' : '';
      return `${letters[layer.getClassName()]}${filters ?? units ?? rate ?? ''}${linear}`;
    })
    .join(' ');
}

const PUBLISHED: { name: NetName; parameters: number; trained: number; gflop: string; layers: string }[] = [
  {
    name: 'bench',
    parameters: 1_418_826,
    trained: 1_418_826,
    gflop: '0.306',
    layers: 'C64 C64 D0.25 M C128 C128 D0.25 M C256 C256 G F1024 D0.25 F10linear S',
  },
  {
    name: 'deep',
    parameters: 8_228_106,
    trained: 8_228_106 - 1408,
    gflop: '1.136',
    layers:
      'C64 C64 B C64 M D0.25 C128 C128 B C128 M D0.25 C256 C256 B C256 C256 C256 B C512 C512 G F1024 D0.5 F1024 D0.5 F10linear S',
  },
];

describe.each(PUBLISHED)('$name', ({ name, parameters, trained, gflop, layers: published }) => {
  it('has the published layers, parameters and operations', () => {
    const net = build(name);
    expect(outline(net)).toBe(published);
    expect(countParameters(net)).toBe(parameters);
    expect(countTrainableParameters(net)).toBe(trained);
    expect((countFlops(net) / 1e9).toFixed(3)).toBe(gflop);
    expect(net.inputs[0].shape).toEqual([null, 32, 32, 3]);
    expect(net.outputs[0].shape).toEqual([null, 10]);
  });

  it('starts glorot-uniform with zero biases, the same for the same seed', () => {
    const snapshot = (seed: number) => {
      const net = build(name, seed);
      const values = net.layers
        .filter((layer) => ['Conv2D', 'Dense'].includes(layer.getClassName()))
        .map((layer) =>
          layer.getWeights().map((weight) => [weight.shape, weight.dataSync<'float32'>()] as const),
        );
      net.dispose();
      model = undefined;
      return values;
    };
    const one = snapshot(1);
    for (const [[shape, kernel], [, bias]] of one) {
      const area = shape.slice(0, -2).reduce((a, b) => a * b, 1);
      const limit = Math.sqrt(6 / (area * (shape[shape.length - 2] + shape[shape.length - 1])));
      const largest = kernel.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
      expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
      expect(largest).toBeGreaterThan(0.97 * limit);
      expect(bias.every((v) => v === 0)).toBe(true);
    }
    // Layers of one shape do not share their weights.
    const kernels = one.map(([[shape, kernel]]) => `${shape.join()}: ${kernel.slice(0, 4).join()}`);
    expect(new Set(kernels).size).toBe(kernels.length);
    const sum = (net: typeof one) => {
      const hash = createHash('sha256');
      for (const [, values] of net.flat()) hash.update(values);
      return hash.digest('hex');
    };
    expect(sum(snapshot(1))).toBe(sum(one));
    expect(sum(snapshot(2))).not.toBe(sum(one));
  });

  it('gives probabilities that are the softmax of its logits', () => {
    const net = build(name);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const images = tf.randomUniform([3, 32, 32, 3], 0, 1, 'float32', 4);
      const logits = logitsModel(net).apply(images) as tf.Tensor;
      const probabilities = net.apply(images) as tf.Tensor;
      expectClose('softmax', probabilities.dataSync(), tf.softmax(logits).dataSync(), 1e-6);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has a summary with every layer and the totals', () => {
    const net = build(name);
    const lines = summaryText(net).split('\n');
    for (const layer of net.layers)
      expect(lines.some((line) => line.startsWith(`${layer.name} `))).toBe(true);
    expect(lines[2]).toMatch(/^conv1 +Conv2D +\[N, 32, 32, 64\] +1,792$/);
    expect(lines.at(-2)).toContain(`${parameters.toLocaleString('en-US')} (`);
    expect(lines.at(-1)).toContain(`${gflop} GFLOP`);
  });
});

it('refuses the logits of a model that has no such layer', () => {
  const foreign = sequential({
    name: 'foreign',
    layers: [layers.dense({ units: 2, inputShape: [3], name: 'd' })],
  });
  expect(() => logitsModel(foreign)).toThrow(
    'The model foreign gives no logits: expected a layer named "logits", or a softmax in a layer of its own at the end; its last layer is d (Dense).',
  );
  foreign.dispose();
});
