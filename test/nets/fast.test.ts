import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/engine/select.js';
import { HEAD, NETS, WHITENING, countFlops, countParameters, logitsModel } from '../../src/nets/index.js';
import type { NetName } from '../../src/nets/index.js';
import { namedWeights } from '../../src/nets/namedWeights.js';
import { CIFAR10 } from '../../src/dataset/cifar10.js';

beforeAll(async () => {
  await selectBackend('wasm');
});

function kernelOf(net: LayersModel, layer: string): { shape: number[]; values: Float32Array } {
  const [kernel] = net.getLayer(layer).getWeights();
  return { shape: kernel.shape, values: kernel.dataSync<'float32'>() };
}

/** (Unbiased) standard deviation. */
function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

const FAST: {
  name: NetName;
  /** As published: the constants that normalise and the moving statistics not counted. */
  parameters: number;
  gflop: string;
  widths: number[];
  depth: number;
}[] = [
  { name: 'fast94', parameters: 1_971_640, gflop: '0.236', widths: [64, 256, 256], depth: 2 },
  { name: 'fast94-muon', parameters: 1_971_640, gflop: '0.236', widths: [64, 256, 256], depth: 2 },
  { name: 'fast94-silu', parameters: 1_971_640, gflop: '0.236', widths: [64, 256, 256], depth: 2 },
  { name: 'fast95', parameters: 4_604_728, gflop: '0.603', widths: [128, 384, 384], depth: 2 },
  { name: 'fast95-muon', parameters: 4_604_728, gflop: '0.603', widths: [128, 384, 384], depth: 2 },
  { name: 'fast95-silu', parameters: 4_604_728, gflop: '0.603', widths: [128, 384, 384], depth: 2 },
  { name: 'fast96', parameters: 9_915_704, gflop: '0.903', widths: [128, 384, 512], depth: 3 },
  { name: 'fast96-silu', parameters: 9_915_704, gflop: '0.903', widths: [128, 384, 512], depth: 3 },
  { name: 'fast-proxy', parameters: 146_424, gflop: '0.034', widths: [32, 64, 64], depth: 2 },
  { name: 'fast-proxy-muon', parameters: 146_424, gflop: '0.034', widths: [32, 64, 64], depth: 2 },
];

/** Filters of the whitening convolution. */
const WIDTH = 24;

const isForMuon = (name: string): boolean => name.endsWith('-muon') || name.endsWith('-silu');

describe.each(FAST)('$name', ({ name, parameters, gflop, widths, depth }) => {
  let net: LayersModel;
  beforeAll(() => {
    net = NETS[name].build({ seed: 1, dataset: CIFAR10 });
  });
  afterAll(() => void net.dispose());

  it('has the published parameters and operations', () => {
    const statistics = namedWeights(net).filter(({ name }) => name.includes('moving_'));
    const uncounted = statistics.reduce((sum, { variable }) => sum + variable.size, 0);
    expect(countParameters(net) - uncounted).toBe(parameters);
    expect((countFlops(net) / 1e9).toFixed(3)).toBe(gflop);
  });

  it.each([24, 28])('takes images of %i pixels, with fewer operations', async (side) => {
    await selectBackend('wasm');
    const maps = [side - 1, ...[2, 4, 8].map((share) => Math.floor((side - 1) / share))];
    const logits = logitsModel(net).apply(tf.zeros([2, side, side, 3])) as tf.Tensor;
    expect(logits.shape).toEqual([2, 10]);
    // Of the whitening as much as of its bias; a group's first convolution before its pool, the others after it.
    let products = WIDTH * maps[0] ** 2;
    widths.forEach((width, group) => {
      const before = group === 0 ? WIDTH : widths[group - 1];
      products += 9 * before * width * maps[group] ** 2;
      products += (depth - 1) * 9 * width * width * maps[group + 1] ** 2;
    });
    expect(countFlops(net, [side, side, 3])).toBe(2 * products);
    expect(countFlops(net, [32, 32, 3])).toBe(countFlops(net));
  });

  it('has maps of 31, 15, 7 and 3 pixels and logits of one constant times the head', () => {
    const shapeOf = (layer: string) => net.getLayer(layer).outputShape;
    expect(shapeOf(WHITENING)).toEqual([null, 31, 31, 24]);
    widths.forEach((width, group) => {
      const side = [15, 7, 3][group];
      expect(shapeOf(`pool${group + 1}`)).toEqual([null, side, side, width]);
      const activation = name.endsWith('-silu') ? 'silu' : 'gelu';
      expect(shapeOf(`${activation}${(group + 1) * depth}`)).toEqual([null, side, side, width]);
    });
    expect(shapeOf('pool4')).toEqual([null, 1, 1, widths[2]]);
    expect(shapeOf('logits')).toEqual([null, 10]);
    expect(net.layers.filter((layer) => layer.getClassName() === 'Conv2D')).toHaveLength(1 + 3 * depth);
    expect(net.layers.filter((layer) => layer.getClassName() === 'Add')).toHaveLength(depth === 3 ? 3 : 0);
    const { scale, offset } = net.getLayer('logits').getConfig();
    expect([scale, offset]).toEqual([isForMuon(name) ? 1 / widths[2] : 1 / 9, 0]);
  });

  it('starts with filters that pass their channels on, the others uniform', () => {
    for (let number = 1; number <= 3 * depth; number++) {
      const { shape, values } = kernelOf(net, `conv${number}`);
      const [, , inputs, outputs] = shape;
      const passing = Math.min(inputs, outputs);
      const bound = 1 / Math.sqrt(9 * inputs);
      let largest = 0;
      let wrong = 0;
      values.forEach((value, at) => {
        const [filter, channel, tap] = [
          at % outputs,
          Math.floor(at / outputs) % inputs,
          Math.floor(at / outputs / inputs),
        ];
        if (filter >= passing) largest = Math.max(largest, Math.abs(value));
        else if (value !== (tap === 4 && channel === filter ? 1 : 0)) wrong++;
      });
      expect(wrong).toBe(0);
      if (outputs > inputs) {
        expect(largest).toBeGreaterThan(0.99 * bound);
        expect(largest).toBeLessThanOrEqual(bound);
      } else expect(largest).toBe(0);
    }
  });

  it('trains the whitening bias, not its filters, and has a bias nowhere else', () => {
    const weights = namedWeights(net);
    const fixed = weights.filter(({ isFixed }) => isFixed).map(({ name }) => name);
    expect(fixed).toEqual(['normalize/moving_mean', 'normalize/moving_variance', `${WHITENING}/kernel`]);
    const roles = new Map(weights.filter(({ trainable }) => trainable).map(({ name, role }) => [name, role]));
    const expected = Array.from({ length: 3 * depth }, (_, i) => i + 1).flatMap((number) => [
      [`conv${number}/kernel`, 'filter'],
      [`norm${number}/beta`, 'norm'],
    ]);
    expect(roles).toEqual(
      new Map([[`${WHITENING}/bias`, 'whitening'], ...expected, [`${HEAD}/kernel`, 'head']] as [
        string,
        string,
      ][]),
    );
  });

  it('draws the head and the whitening bias as its optimizer needs them', () => {
    const head = kernelOf(net, HEAD).values;
    const bias = net.getLayer(WHITENING).getWeights()[0].dataSync<'float32'>();
    if (isForMuon(name)) {
      expect(deviationOf(head)).toBeCloseTo(1, 6);
      expect(new Set(bias).size).toBe(24);
      expect(bias.every((value) => Math.abs(value) <= 1 / Math.sqrt(12))).toBe(true);
    } else {
      // Of a uniform distribution within ±b: b/√3.
      const bound = 1 / Math.sqrt(widths[2]);
      expect(head.every((value) => Math.abs(value) <= bound)).toBe(true);
      expect(deviationOf(head)).toBeCloseTo(bound / Math.sqrt(3), 2);
      expect(bias.every((value) => value === 0)).toBe(true);
    }
  });
});

it('starts the same for the same seed', () => {
  const sumOf = (seed: number) => {
    const net = NETS['fast94-muon'].build({ seed, dataset: CIFAR10 });
    const hash = createHash('sha256');
    for (const weight of net.getWeights()) hash.update(weight.dataSync<'float32'>());
    net.dispose();
    return hash.digest('hex');
  };
  expect(sumOf(1)).toBe(sumOf(1));
  expect(sumOf(2)).not.toBe(sumOf(1));
});

it('may begin its widening filters by cosines: one channel each, of length 1, and those of a channel at right angles', () => {
  const net = NETS['fast94-silu'].build({ seed: 1, dataset: CIFAR10, widening: 'dct' });
  const random = NETS['fast94-silu'].build({ seed: 1, dataset: CIFAR10 });
  const { values, shape } = kernelOf(net, 'conv3');
  const [, , inputs, outputs] = shape;
  /** The taps of a filter in a channel, row by row. */
  const taps = (filter: number, channel: number): number[] =>
    Array.from({ length: 9 }, (_, tap) => values[(tap * inputs + channel) * outputs + filter]);
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
  expect([inputs, outputs]).toEqual([64, 256]);
  for (const channel of [0, 5, 63]) {
    const own = [0, 64, 128, 192].map((first) => taps(first + channel, channel));
    // As it is; then across columns, across rows, across both.
    expect(own[0]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
    const side = 1 / Math.sqrt(6);
    [side, 0, -side, side, 0, -side, side, 0, -side].forEach((tap, i) =>
      expect(own[1][i]).toBeCloseTo(tap, 6),
    );
    for (const [i, a] of own.entries())
      for (const [j, b] of own.entries()) expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 6);
    expect(taps(64 + channel, (channel + 1) % 64).every((tap) => tap === 0)).toBe(true);
  }
  // Where there is no more than a filter a channel, and of all else, nothing differs.
  for (const layer of ['conv4', 'conv5', 'conv6', 'head']) {
    expect(kernelOf(net, layer).values).toEqual(kernelOf(random, layer).values);
  }
  expect(kernelOf(net, 'conv1').values).not.toEqual(kernelOf(random, 'conv1').values);
  net.dispose();
  random.dispose();
});
