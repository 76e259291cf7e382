import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/engine/select.js';
import { Adam } from '../../../src/nn/optimizers/adam.js';
import { Clipped } from '../../../src/nn/optimizers/clipped.js';
import { Muon } from '../../../src/nn/optimizers/muon.js';
import type { Optimizer, Parameter, ParameterRole } from '../../../src/nn/optimizers/optimizer.js';
import { Sgd } from '../../../src/nn/optimizers/sgd.js';
import { Rng } from '../../../src/util/rng.js';

const SIZE = 6;
const STEPS = 5;

beforeAll(async () => {
  await selectBackend('cpu', {});
});

function parameter(role: ParameterRole = 'kernel'): Parameter {
  const rng = new Rng(1);
  const values = Float32Array.from({ length: SIZE }, () => rng.normal());
  const initial = tf.tensor(values, [2, 3]);
  const variable = tf.variable(initial);
  initial.dispose();
  return { name: 'layer/kernel', variable, role };
}

const gradients = Array.from({ length: STEPS }, (_, step) => {
  const rng = new Rng(2, step);
  return Float64Array.from({ length: SIZE }, () => rng.normal());
});

function run(optimizer: Optimizer, rate: number | null, from = 0, to = STEPS): void {
  for (let step = from; step < to; step++) {
    const gradient = tf.tensor(Float32Array.from(gradients[step]), [2, 3]);
    optimizer.apply([gradient], [rate], step);
    gradient.dispose();
  }
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 5);
}

describe('Adam', () => {
  it("follows Keras's formula", () => {
    const p = parameter();
    const expected = Float64Array.from(p.variable.dataSync());
    const [m, v] = [new Float64Array(SIZE), new Float64Array(SIZE)];
    const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
    gradients.forEach((g, step) => {
      const rate = (0.1 * Math.sqrt(1 - options.beta2 ** (step + 1))) / (1 - options.beta1 ** (step + 1));
      for (let i = 0; i < SIZE; i++) {
        m[i] = options.beta1 * m[i] + (1 - options.beta1) * g[i];
        v[i] = options.beta2 * v[i] + (1 - options.beta2) * g[i] * g[i];
        expected[i] -= (rate * m[i]) / (Math.sqrt(v[i]) + options.epsilon);
      }
    });
    run(new Adam([p], options), 0.1);
    expectClose(p.variable.dataSync(), expected);
  });
});

describe('AdamW', () => {
  it('is Adam of weights that decay before each step, by the rate without its corrections', () => {
    const [p, alike] = [parameter(), parameter()];
    const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
    const adamW = new Adam([p], { ...options, weightDecays: [0.3] });
    const adam = new Adam([alike], options);
    for (let step = 0; step < STEPS; step++) {
      const shrunk = tf.mul(alike.variable, 1 - 0.1 * 0.3);
      alike.variable.assign(shrunk);
      shrunk.dispose();
      run(adam, 0.1, step, step + 1);
      run(adamW, 0.1, step, step + 1);
      expectClose(p.variable.dataSync(), alike.variable.dataSync());
    }
  });
});

describe('clipping', () => {
  const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
  const sgd = { momentum: 0, nesterov: false, weightDecays: [0, 0] };

  it.each([0.5, 2, 1e3])('to %f shortens all gradients by one factor, or leaves them', (limit) => {
    const net = [parameter(), parameter()];
    const before = net.map(({ variable }) => variable.dataSync());
    const optimizer = new Clipped(new Sgd(net, sgd), limit);
    const given = [0, 1].map((step) => tf.tensor(Float32Array.from(gradients[step]), [2, 3]));
    const tensors = tf.memory().numTensors;
    optimizer.apply(given, [1, 1], 0);
    expect(tf.memory().numTensors).toBe(tensors);
    const whole = norm([...gradients[0], ...gradients[1]]);
    const factor = Math.min(1, limit / whole);
    net.forEach(({ variable }, i) => {
      expectClose(
        variable.dataSync(),
        before[i].map((value, k) => value - factor * gradients[i][k]),
      );
    });
    expect([...optimizer.state().keys()]).toEqual(
      ['momentum/layer/kernel', 'momentum/layer/kernel'].slice(0, 1),
    );
  });

  it('leaves out parameters that have no gradient, and lets NaN through', () => {
    const net = [parameter(), parameter()];
    const before = net[1].variable.dataSync();
    const optimizer = new Clipped(new Sgd(net, sgd), 1);
    const gradient = tf.tensor([1, NaN, 0, 0, 0, 0], [2, 3]);
    optimizer.apply([gradient, null], [1, null], 0);
    expect(net[1].variable.dataSync()).toEqual(before);
    expect(net[0].variable.dataSync().every(Number.isNaN)).toBe(true);
  });
});

describe('Sgd', () => {
  it.each([
    { momentum: 0, nesterov: false, weightDecays: [0] },
    { momentum: 0.9, nesterov: false, weightDecays: [0.1] },
    { momentum: 0.85, nesterov: true, weightDecays: [0.1] },
    { momentum: 0.85, nesterov: true, weightDecays: [0] },
  ])('follows its formula with %j', (options) => {
    const p = parameter();
    const expected = Float64Array.from(p.variable.dataSync());
    const b = new Float64Array(SIZE);
    for (const raw of gradients) {
      for (let i = 0; i < SIZE; i++) {
        const g = raw[i] + options.weightDecays[0] * expected[i];
        b[i] = options.momentum * b[i] + g;
        expected[i] -= 0.1 * (options.nesterov ? g + options.momentum * b[i] : b[i]);
      }
    }
    run(new Sgd([p], options), 0.1);
    expectClose(p.variable.dataSync(), expected);
  });
});

describe('optimizers', () => {
  const sgd = { momentum: 0.9, nesterov: true, weightDecays: [0.01] };
  it.each<[string, ParameterRole, (p: Parameter) => Optimizer]>([
    ['adam', 'kernel', (p) => new Adam([p], { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 })],
    ['sgd', 'kernel', (p) => new Sgd([p], sgd)],
    ['muon of a filter', 'filter', (p) => new Muon([p], { muonMomentum: 0.6, sgd })],
    ['muon of a bias', 'bias', (p) => new Muon([p], { muonMomentum: 0.6, sgd })],
  ])('%s goes on from its saved state bit for bit, and leaks nothing', (_name, role, create) => {
    const before = tf.memory().numTensors;
    const whole = parameter(role);
    const wholeOptimizer = create(whole);
    run(wholeOptimizer, 0.1);

    const first = parameter(role);
    const firstOptimizer = create(first);
    run(firstOptimizer, 0.1, 0, 2);
    const saved = new Map(
      [...firstOptimizer.state()].map(([name, slot]) => [
        name,
        { shape: slot.shape, data: slot.dataSync<'float32'>() },
      ]),
    );
    const second: Parameter = { ...first, variable: tf.variable(first.variable) };
    const secondOptimizer = create(second);
    secondOptimizer.restore(saved);
    run(secondOptimizer, 0.1, 2);
    expect([...second.variable.dataSync()]).toEqual([...whole.variable.dataSync()]);

    for (const optimizer of [wholeOptimizer, firstOptimizer, secondOptimizer]) optimizer.dispose();
    for (const { variable } of [whole, first, second]) variable.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, (p: Parameter) => Optimizer]>([
    ['adam', (p) => new Adam([p], { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 })],
    ['sgd', (p) => new Sgd([p], sgd)],
  ])('%s leaves a parameter whose rate is null, and its slots, as they are', (_name, create) => {
    const moved = parameter();
    const optimizer = create(moved);
    run(optimizer, 0.1, 0, 1);
    const snapshot = () =>
      [moved.variable, ...optimizer.state().values()].map((tensor) => [...tensor.dataSync()]);
    const before = snapshot();
    run(optimizer, null, 1, 2);
    expect(snapshot()).toEqual(before);
  });

  it('refuse a state that does not fit', () => {
    const optimizer = new Sgd([parameter()], { momentum: 0.9, nesterov: false, weightDecays: [0] });
    const data = new Float32Array(4);
    expect(() => optimizer.restore(new Map())).toThrow(
      /expected optimizer state "momentum\/layer\/kernel" of shape \[2,3\], got none/,
    );
    expect(() => optimizer.restore(new Map([['momentum/layer/kernel', { shape: [4], data }]]))).toThrow(
      /got \[4\]/,
    );
  });
});

it.each<[string, (p: Parameter) => Optimizer]>([
  ['Adam', (p) => new Adam([p], { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 })],
  ['Sgd', (p) => new Sgd([p], { momentum: 0.9, nesterov: false, weightDecays: [0] })],
])('%s leaves out a parameter without a rate, and refuses one that lacks its gradient', (_name, create) => {
  const p = parameter();
  const before = String(p.variable.dataSync());
  const optimizer = create(p);
  optimizer.apply([null], [null], 0);
  expect(() => optimizer.apply([null], [0.1], 0)).toThrow('Parameter 0 has a learning rate and no gradient.');
  expect(String(p.variable.dataSync())).toBe(before);
});
