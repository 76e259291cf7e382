import * as tf from '@tensorflow/tfjs-core';
import { layers, model as buildModel, input } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/engine/select.js';
import {
  Activation,
  BatchNormalization,
  type BatchNormalizationHints,
  Conv2D,
  Dense,
  Dropout,
  GlobalAveragePooling2D,
} from '../../../src/nn/layers/index.js';
import type { Conv2DArgs } from '../../../src/nn/layers/Conv2D.js';
import type { DropoutState } from '../../../src/nn/layers/index.js';
import { expectClose, normals } from '../../helpers/compare.js';

const random = (shape: number[], name = 1) => tf.tensor(normals(tf.util.sizeFromShape(shape), name), shape);

/** A stock layer and ours, with the same weights. */
function pair<L extends layers.Layer>(stock: layers.Layer, ours: L, inputShape: number[]): [layers.Layer, L] {
  stock.build(inputShape);
  ours.build(inputShape);
  // Not the initial ones, of which some are all zeros or ones.
  const weights = stock.getWeights().map((w, i) => tf.add(tf.abs(random(w.shape, 20 + i)), 0.1));
  stock.setWeights(weights);
  ours.setWeights(weights);
  tf.dispose(weights);
  return [stock, ours];
}

const call = (layer: layers.Layer, x: tf.Tensor, training: boolean) =>
  layer.apply(x, { training }) as tf.Tensor;

beforeAll(async () => {
  await selectBackend('wasm');
});

const image = [2, 5, 4, 3];
const sameAsStock: { name: string; shape: number[]; make: () => [layers.Layer, layers.Layer] }[] = [
  ...(
    [
      { filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' },
      { filters: 2, kernelSize: [1, 3], strides: [2, 1], useBias: false },
      { filters: 2, kernelSize: 3, activation: 'sigmoid' },
      { filters: 2, kernelSize: 3, padding: 'same', dilationRate: 2 },
    ] satisfies Conv2DArgs[]
  ).map((args: Conv2DArgs, i) => ({
    name: `Conv2D ${i + 1}`,
    shape: image,
    make: (): [layers.Layer, layers.Layer] => [layers.conv2d(args), new Conv2D(args)],
  })),
  ...(['linear', 'relu', 'tanh'] as const).map((activation) => ({
    name: `Dense ${activation}`,
    shape: [3, 7],
    make: (): [layers.Layer, layers.Layer] => [
      layers.dense({ units: 5, activation }),
      new Dense({ units: 5, activation }),
    ],
  })),
  {
    name: 'Dense on rank 3',
    shape: [2, 3, 4],
    make: () => [layers.dense({ units: 5 }), new Dense({ units: 5 })],
  },
  {
    name: 'GlobalAveragePooling2D',
    shape: image,
    make: () => [layers.globalAveragePooling2d({}), new GlobalAveragePooling2D({})],
  },
  {
    name: 'BatchNormalization',
    shape: image,
    make: () => [layers.batchNormalization({}), new BatchNormalization({})],
  },
];

describe('our layers', () => {
  it.each(sameAsStock)('$name computes what the stock layer does', ({ name, shape, make }) => {
    const [stock, ours] = pair(...make(), shape);
    const x = random(shape);
    for (const training of [false, true]) {
      const expected = call(stock, x, training);
      const before = tf.memory().numTensors;
      const actual = call(ours, x, training);
      expect(tf.memory().numTensors, `${name}: tensors left`).toBe(before + 1);
      expect(actual.shape).toEqual(expected.shape);
      expectClose(`${name}, training ${training}`, actual.dataSync(), expected.dataSync(), 2e-6);
      tf.dispose([expected, actual]);
    }
    x.dispose();
  });

  it('keep the stock class names and configurations', () => {
    const state = { seed: 1, step: 0 };
    const both: [layers.Layer, layers.Layer][] = [
      [
        layers.conv2d({ name: 'a', filters: 2, kernelSize: 3 }),
        new Conv2D({ name: 'a', filters: 2, kernelSize: 3 }),
      ],
      [layers.dense({ name: 'b', units: 2 }), new Dense({ name: 'b', units: 2 })],
      [layers.batchNormalization({ name: 'c' }), new BatchNormalization({ name: 'c' })],
      [layers.dropout({ name: 'd', rate: 0.25 }), new Dropout({ name: 'd', rate: 0.25 }, state, 1)],
      [layers.globalAveragePooling2d({ name: 'e' }), new GlobalAveragePooling2D({ name: 'e' })],
    ];
    for (const [stock, ours] of both) {
      expect(ours.getClassName()).toBe(stock.getClassName());
      expect(ours.getConfig()).toEqual(stock.getConfig());
    }
  });
});

describe('BatchNormalization', () => {
  it('moves its averages by the batch’s mean and unbiased variance', () => {
    const layer = new BatchNormalization({ momentum: 0.9 });
    layer.build([null, 3, 2, 2]);
    const x = random([4, 3, 2, 2]);
    const values = x.dataSync<'float32'>();
    const count = values.length / 2;
    const mean = [0, 1].map((c) => values.reduce((sum, v, i) => sum + (i % 2 === c ? v / count : 0), 0));
    const unbiased = [0, 1].map((c) =>
      values.reduce((sum, v, i) => sum + (i % 2 === c ? (v - mean[c]) ** 2 / (count - 1) : 0), 0),
    );
    call(layer, x, true).dispose();
    const [, , movingMean, movingVariance] = layer.getWeights();
    expectClose(
      'mean',
      movingMean.dataSync(),
      mean.map((m) => 0.1 * m),
      1e-5,
    );
    expectClose(
      'variance',
      movingVariance.dataSync(),
      unbiased.map((v) => 0.9 + 0.1 * v),
      1e-6,
    );
    call(layer, x, false).dispose();
    expect(layer.getWeights()[2].dataSync()).toEqual(movingMean.dataSync());
    x.dispose();
  });
});

describe('Dropout', () => {
  const x = () => tf.ones([64]);
  const draw = (layer: Dropout, training = true) =>
    tf.tidy(() => Array.from(call(layer, x(), training).dataSync()));

  it('draws masks named by seed, step and layer', () => {
    const state: DropoutState = { seed: 5, step: 3 };
    const first = new Dropout({ rate: 0.5 }, state, 1);
    const second = new Dropout({ rate: 0.5 }, state, 2);
    const mask = draw(first);
    expect(draw(first)).toEqual(mask);
    expect(draw(second)).not.toEqual(mask);
    state.step = 4;
    expect(draw(first)).not.toEqual(mask);
    state.step = 3;
    expect(draw(first)).toEqual(mask);
    state.seed = 6;
    expect(draw(first)).not.toEqual(mask);
  });

  it('does nothing when it does not train, or drops nothing', () => {
    const state = { seed: 1, step: 1 };
    const ones = new Array<number>(64).fill(1);
    expect(draw(new Dropout({ rate: 0.5 }, state, 1), false)).toEqual(ones);
    expect(draw(new Dropout({ rate: 0 }, state, 1))).toEqual(ones);
  });

  it('passes the training flag through a model', () => {
    const images = input({ shape: [64] });
    const layer = new Dropout({ rate: 0.5 }, { seed: 1, step: 1 }, 1);
    const net = buildModel({ inputs: images, outputs: layer.apply(images) as SymbolicTensor });
    const values = (training: boolean) =>
      tf.tidy(() => Array.from((net.apply(tf.ones([1, 64]), { training }) as tf.Tensor).dataSync()));
    expect(values(false)).toEqual(new Array<number>(64).fill(1));
    expect(new Set(values(true))).toEqual(new Set([0, 2]));
  });
});

describe.each(['gelu', 'swish'] as const)(
  'batch normalisation that knows of the %s behind it',
  (activation) => {
    const stack = (hints: BatchNormalizationHints): LayersModel => {
      const images = input({ shape: [4, 4, 3] });
      const norm = new BatchNormalization({ name: 'norm', scale: false }, hints);
      const activate = new Activation({ name: 'activation', activation });
      return buildModel({ inputs: images, outputs: activate.apply(norm.apply(images)) as SymbolicTensor });
    };

    it('gives the same in training and in use, is saved the same, and leaks nothing', () => {
      const [plain, knowing] = [stack({}), stack({ activation })];
      const x = random([5, 4, 4, 3]);
      const before = tf.memory().numTensors;
      for (const training of [true, false]) {
        const [expected, actual] = [plain, knowing].map((net) =>
          tf.tidy(() => {
            const f = (t: tf.Tensor): tf.Tensor => net.apply(t, { training }) as tf.Tensor;
            // In use, what is between layers is gone before a gradient could be taken.
            const gradients = training ? [tf.grad(f)(x, tf.ones(x.shape))] : [];
            return [f(x), ...gradients].map((tensor) => tensor.dataSync());
          }),
        );
        expect(actual).toEqual(expected);
        expect(
          plain
            .getLayer('norm')
            .getWeights()
            .map((w) => w.dataSync()),
        ).toEqual(
          knowing
            .getLayer('norm')
            .getWeights()
            .map((w) => w.dataSync()),
        );
      }
      expect(tf.memory().numTensors).toBe(before);
      expect(knowing.getLayer('norm').getConfig()).toEqual(plain.getLayer('norm').getConfig());
      tf.dispose([x]);
      plain.dispose();
      knowing.dispose();
    });
  },
);
