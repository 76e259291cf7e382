import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../../src/engine/select.js';
import { Ema } from '../../../src/nn/averaging/ema.js';
import { Lookahead } from '../../../src/nn/averaging/lookahead.js';
import { Tail } from '../../../src/nn/averaging/tail.js';
import type { WeightAverage } from '../../../src/nn/averaging/weightAverage.js';
import { normals } from '../../helpers/compare.js';

const STEPS = 20;
/** What training adds to the two weights at each update. */
const MOVES = Array.from({ length: STEPS }, (_, step) => normals(2, 3, step));

interface Weight {
  name: string;
  variable: tf.Variable;
}

function weights(): Weight[] {
  return [1, -2].map((value, i) => ({
    name: `layer${i}/weight`,
    variable: tf.tidy(() => tf.variable(tf.scalar(value))),
  }));
}

const valuesOf = (net: readonly Weight[]) => net.map(({ variable }) => variable.dataSync()[0]);

/** Updates `from`…`to` (1-based, inclusive) of 20, each followed by the average's. */
function train(net: readonly Weight[], average: WeightAverage, from = 1, to = STEPS): void {
  for (let done = from; done <= to; done++) {
    net.forEach(({ variable }, i) => {
      const moved = tf.tidy(() => tf.add(variable, MOVES[done - 1][i]));
      variable.assign(moved);
      moved.dispose();
    });
    average.afterStep(done, STEPS);
  }
}

const AVERAGES: [name: string, slot: string, create: (net: readonly Weight[]) => WeightAverage][] = [
  ['lookahead', 'lookahead', (net) => new Lookahead(net, { every: 5, decay: 0.95 })],
  ['running average', 'ema', (net) => new Ema(net, 0.9)],
  ['averaged tail', 'tail', (net) => new Tail(net, { begin: 8, every: 4, decay: 0.7 })],
];

beforeAll(async () => {
  await selectBackend('cpu');
});

describe('averaged tail', () => {
  it('begins late with the net as it is, and then makes it the average every 4 updates', () => {
    const net = weights();
    const tail = new Tail(net, { begin: 8, every: 4, decay: 0.7 });
    const expected = valuesOf(net);
    let average: number[] = [];
    for (let done = 1; done <= STEPS; done++) {
      train(net, tail, done, done);
      for (let i = 0; i < 2; i++) expected[i] += MOVES[done - 1][i];
      if (done === 8) average = [...expected];
      if (done > 8 && done % 4 === 0) {
        for (let i = 0; i < 2; i++) expected[i] = average[i] = 0.7 * average[i] + 0.3 * expected[i];
      }
      valuesOf(net).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    }
    tail.dispose();
    tf.dispose(net.map(({ variable }) => variable));
  });
});

describe('lookahead', () => {
  it('pulls the net towards its slow weights every 5 updates, ever more', () => {
    const net = weights();
    const lookahead = new Lookahead(net, { every: 5, decay: 0.95 });
    const fast = valuesOf(net);
    const slow = [...fast];
    for (let done = 1; done <= STEPS; done++) {
      train(net, lookahead, done, done);
      for (let i = 0; i < 2; i++) {
        fast[i] += MOVES[done - 1][i];
        if (done % 5 !== 0) continue;
        const alpha = 0.95 ** 5 * (done / STEPS) ** 3;
        slow[i] = alpha * slow[i] + (1 - alpha) * fast[i];
        fast[i] = slow[i];
      }
      valuesOf(net).forEach((value, i) => expect(value).toBeCloseTo(fast[i], 5));
    }
  });

  it('leaves the net with the slow weights, whichever update is the last', () => {
    const net = weights();
    const lookahead = new Lookahead(net, { every: 5, decay: 0.95 });
    train(net, lookahead, 1, 17);
    const slow = [...lookahead.state().values()].map((tensor) => tensor.dataSync()[0]);
    expect(valuesOf(net)).not.toEqual(slow);
    lookahead.finish();
    expect(valuesOf(net)).toEqual(slow);
  });

  it('has the net judged as it stands', () => {
    const net = weights();
    const lookahead = new Lookahead(net, { every: 5, decay: 0.95 });
    train(net, lookahead, 1, 7);
    const before = valuesOf(net);
    lookahead.exchange();
    expect(valuesOf(net)).toEqual(before);
  });
});

describe('running average', () => {
  it('keeps its share, and less of the first weights, without touching the net', () => {
    const net = weights();
    const ema = new Ema(net, 0.6);
    const own = valuesOf(net);
    const mean = [...own];
    const shares = new Set<number>();
    for (let done = 1; done <= STEPS; done++) {
      train(net, ema, done, done);
      const share = Math.min(0.6, (1 + done) / (10 + done));
      shares.add(share);
      for (let i = 0; i < 2; i++) {
        own[i] += MOVES[done - 1][i];
        mean[i] = share * mean[i] + (1 - share) * own[i];
      }
      valuesOf(net).forEach((value, i) => expect(value).toBeCloseTo(own[i], 5));
    }
    // Both branches of the share were met: 2/11, 3/12, … up to 0.6.
    expect(shares.size).toBeGreaterThan(5);
    expect(shares).toContain(0.6);
    ema.exchange();
    valuesOf(net).forEach((value, i) => expect(value).toBeCloseTo(mean[i], 5));
    ema.exchange();
    ema.finish();
    valuesOf(net).forEach((value, i) => expect(value).toBeCloseTo(own[i], 5));
  });
});

describe.each(AVERAGES)('%s', (_name, slot, create) => {
  it('gives back the same bits after two exchanges', () => {
    const net = weights();
    const average = create(net);
    train(net, average, 1, 7);
    const state = () => [...average.state().values()].map((tensor) => tensor.dataSync()[0]);
    const before = [valuesOf(net), state()];
    average.exchange();
    average.exchange();
    expect([valuesOf(net), state()]).toEqual(before);
  });

  it('goes on from its saved state bit for bit, and leaks nothing', () => {
    const before = tf.memory().numTensors;
    const whole = weights();
    const wholeAverage = create(whole);
    train(whole, wholeAverage);

    const first = weights();
    const firstAverage = create(first);
    train(first, firstAverage, 1, 8);
    const saved = new Map(
      [...firstAverage.state()].map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: tensor.dataSync<'float32'>() },
      ]),
    );
    expect([...saved.keys()]).toEqual([`${slot}/layer0/weight`, `${slot}/layer1/weight`]);
    const second = first.map(({ name, variable }) => ({ name, variable: tf.variable(variable) }));
    const secondAverage = create(second);
    secondAverage.restore(saved);
    train(second, secondAverage, 9);
    expect(valuesOf(second)).toEqual(valuesOf(whole));
    secondAverage.exchange();
    wholeAverage.exchange();
    expect(valuesOf(second)).toEqual(valuesOf(whole));

    for (const average of [wholeAverage, firstAverage, secondAverage]) average.dispose();
    tf.dispose([...whole, ...first, ...second].map(({ variable }) => variable));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a state that does not fit', () => {
    const average = create(weights());
    expect(() => average.restore(new Map())).toThrow(
      `expected optimizer state "${slot}/layer0/weight" of shape [], got none`,
    );
  });
});
