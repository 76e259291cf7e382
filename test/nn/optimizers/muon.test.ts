import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/engine/select.js';
import { Muon } from '../../../src/nn/optimizers/muon.js';
import type { Parameter, ParameterRole } from '../../../src/nn/optimizers/optimizer.js';
import { Sgd } from '../../../src/nn/optimizers/sgd.js';
import { expectClose, normals } from '../../helpers/compare.js';

const MOMENTUM = 0.6;
const SGD = { momentum: 0.85, nesterov: true, weightDecays: [0, 0.3, 0.1, 0.2, 0] };

/** Tall and wide as a matrix with a column for each filter, and three that are not filters. */
const SHAPES: [name: string, role: ParameterRole, shape: number[]][] = [
  ['conv1/kernel', 'filter', [3, 3, 2, 5]],
  ['whiten/bias', 'whitening', [24]],
  ['norm1/beta', 'norm', [7]],
  ['head/kernel', 'head', [7, 3]],
  ['conv2/kernel', 'filter', [1, 1, 3, 7]],
];

function parameters(): Parameter[] {
  return SHAPES.map(([name, role, shape], i) => {
    const initial = tf.tensor(normals(tf.util.sizeFromShape(shape), 1, i), shape);
    const variable = tf.variable(initial);
    initial.dispose();
    return { name, role, variable };
  });
}

function gradientsOf(step: number): tf.Tensor[] {
  return SHAPES.map(([, , shape], i) => tf.tensor(normals(tf.util.sizeFromShape(shape), 2, step, i), shape));
}

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** Three Newton–Schulz steps as published, on a matrix with a row for each filter; double precision. */
function orthogonalized(matrix: Float64Array, rows: number): Float64Array {
  const columns = matrix.length / rows;
  const product = (a: Float64Array, b: Float64Array, inner: number, width: number) => {
    const result = new Float64Array((a.length / inner) * width);
    for (let i = 0; i < a.length / inner; i++)
      for (let j = 0; j < width; j++)
        for (let k = 0; k < inner; k++) result[i * width + j] += a[i * inner + k] * b[k * width + j];
    return result;
  };
  const transposed = (x: Float64Array) => x.map((_, at) => x[(at % rows) * columns + Math.floor(at / rows)]);
  const length = norm(matrix) + 1e-7;
  let x = matrix.map((value) => value / length);
  for (let step = 0; step < 3; step++) {
    const a = product(x, transposed(x), columns, rows);
    const square = product(a, a, rows, rows);
    const change = product(
      a.map((value, i) => -4.775 * value + 2.0315 * square[i]),
      x,
      rows,
      columns,
    );
    x = x.map((value, i) => 3.4445 * value + change[i]);
  }
  return x;
}

/** One update of a filter [..., filters] in double precision, in place. */
function moveFilter(
  p: Float64Array,
  buffer: Float64Array,
  g: ArrayLike<number>,
  rate: number,
  filters: number,
  isRescaled = true,
): void {
  const taps = p.length / filters;
  const rescale = isRescaled ? Math.sqrt(filters) / norm(p) : 1;
  // Row f, column t of the published matrix is element f of tap t.
  const at = (row: number, column: number) => column * filters + row;
  const direction = new Float64Array(p.length);
  for (let f = 0; f < filters; f++)
    for (let t = 0; t < taps; t++) {
      const i = at(f, t);
      buffer[i] = MOMENTUM * buffer[i] + g[i];
      direction[f * taps + t] = g[i] + MOMENTUM * buffer[i];
    }
  const step = orthogonalized(direction, filters);
  for (let f = 0; f < filters; f++)
    for (let t = 0; t < taps; t++) p[at(f, t)] = rescale * p[at(f, t)] - rate * step[f * taps + t];
}

const RATES = [0.24, 0.1, 6.4, 1.3, 0.24];

describe.each(['cpu', 'wasm'] as const)('Muon on %s', (backend) => {
  beforeAll(async () => {
    await selectBackend(backend);
  });

  it('moves filters by orthogonalised momentum', () => {
    const before = tf.memory().numTensors;
    const net = parameters();
    const optimizer = new Muon(net, { muonMomentum: MOMENTUM, sgd: SGD });
    const expected = net.map(({ variable }) => Float64Array.from(variable.dataSync()));
    const buffers = expected.map((values) => new Float64Array(values.length));
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(step);
      optimizer.apply(gradients, RATES, step);
      for (const i of [0, 4]) {
        moveFilter(expected[i], buffers[i], gradients[i].dataSync(), RATES[i], SHAPES[i][2][3]);
      }
      tf.dispose(gradients);
    }
    const slots = optimizer.state();
    for (const i of [0, 4]) {
      const [name] = SHAPES[i];
      expectClose(name, net[i].variable.dataSync(), expected[i], 1e-5);
      expectClose(`${name}, slot`, slots.get(`muon/${name}`)?.dataSync() ?? [], buffers[i], 1e-6);
    }
    optimizer.dispose();
    tf.dispose(net.map(({ variable }) => variable));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('rescales filters at some updates only, and lets them decay', () => {
    const net = parameters();
    const [name, , shape] = SHAPES[0];
    const filters = shape[3];
    const decay = 0.3;
    const optimizer = new Muon(net, {
      ...{ muonMomentum: MOMENTUM, sgd: SGD, muonDecay: decay, rescales: (step) => step === 1 },
    });
    const expected = Float64Array.from(net[0].variable.dataSync());
    const buffer = new Float64Array(expected.length);
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(step);
      optimizer.apply(gradients, RATES, step);
      moveFilter(expected, buffer, gradients[0].dataSync(), RATES[0], filters, step === 1);
      for (let i = 0; i < expected.length; i++) expected[i] *= 1 - RATES[0] * decay;
      tf.dispose(gradients);
    }
    expectClose(name, net[0].variable.dataSync(), expected, 1e-5);
    optimizer.dispose();
    tf.dispose(net.map(({ variable }) => variable));
  });

  it('moves everything else as SGD does, each with its own decay', () => {
    const [net, alike] = [parameters(), parameters()];
    const others = [1, 2, 3];
    const muon = new Muon(net, { muonMomentum: MOMENTUM, sgd: SGD });
    const sgd = new Sgd(
      others.map((i) => alike[i]),
      { ...SGD, weightDecays: others.map((i) => SGD.weightDecays[i]) },
    );
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(step);
      muon.apply(gradients, RATES, step);
      sgd.apply(
        others.map((i) => gradients[i]),
        others.map((i) => RATES[i]),
      );
      tf.dispose(gradients);
    }
    for (const i of others) expect(net[i].variable.dataSync()).toEqual(alike[i].variable.dataSync());
    expect([...muon.state().keys()]).toEqual([
      'muon/conv1/kernel',
      'muon/conv2/kernel',
      'momentum/whiten/bias',
      'momentum/norm1/beta',
      'momentum/head/kernel',
    ]);
    muon.dispose();
    sgd.dispose();
    tf.dispose([...net, ...alike].map(({ variable }) => variable));
  });

  it.each([0, 1])('leaves parameter %i, whose rate is null, and its slot as they are', (frozen) => {
    const net = parameters();
    const optimizer = new Muon(net, { muonMomentum: MOMENTUM, sgd: SGD });
    const first = gradientsOf(0);
    optimizer.apply(first, RATES, 0);
    const snapshot = () => [
      ...net.map(({ variable }) => variable.dataSync()),
      ...[...optimizer.state().values()].map((slot) => slot.dataSync()),
    ];
    const slots = [...optimizer.state().keys()];
    const own = [frozen, net.length + slots.findIndex((name) => name.endsWith(net[frozen].name))];
    const before = snapshot();
    const second = gradientsOf(1);
    optimizer.apply(
      second,
      RATES.map((rate, i) => (i === frozen ? null : rate)),
      1,
    );
    snapshot().forEach((values, i) => {
      if (own.includes(i)) expect(values).toEqual(before[i]);
      else expect(values).not.toEqual(before[i]);
    });
    optimizer.dispose();
    tf.dispose([...first, ...second, ...net.map(({ variable }) => variable)]);
  });
});
