import { describe, expect, it } from 'vitest';
import type { RecipeName } from '../../src/config/recipeNames.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import type { ParameterRole } from '../../src/nn/optimizers/optimizer.js';
import { LearningRates, weightDecayOf } from '../../src/training/learningRates.js';
import { totalSteps } from '../../src/training/position.js';

/** A recipe's rates on the whole training set. */
function recipe(name: RecipeName): { config: TrainConfig; rates: LearningRates; total: number } {
  const config = resolveTrainConfig({ recipe: name });
  const stepsPerEpoch = Math.floor(50_000 / config.batchSize);
  return {
    config,
    rates: new LearningRates(config, stepsPerEpoch),
    total: totalSteps(config.epochs, stepsPerEpoch),
  };
}

const ROLES: readonly ParameterRole[] = ['filter', 'kernel', 'bias', 'norm', 'head', 'whitening'];

describe('the SGD recipes', () => {
  // The published code's own numbers, for the loss summed over the batch of 1024 images.
  it.each([
    {
      name: 'fast94-sgd',
      steps: 476,
      peak: 109,
      rate: 0.0014648,
      norm: 0.09375,
      decay: 0.0019957,
      last: 0.07,
    },
    { name: 'fast95', steps: 720, peak: 165, rate: 0.0012738, norm: 0.08152, decay: 0.0019957, last: 0.07 },
    { name: 'fast96', steps: 2160, peak: 216, rate: 0.0011464, norm: 0.07337, decay: 0.0015652, last: 0 },
  ] as const)('$name has the published rates and decay', ({ name, steps, peak, rate, norm, decay, last }) => {
    const { config, rates, total } = recipe(name);
    expect(total).toBe(steps);
    expect(rates.base(peak) / 1024).toBeCloseTo(rate, 7);
    expect(Number(rates.of('norm', peak)) / 1024).toBeCloseTo(norm, 5);
    const highest = rates.base(peak);
    expect(rates.base(0)).toBeCloseTo(0.2 * highest, 12);
    expect(rates.base(steps - 1)).toBeCloseTo(highest * (last + (1 - last) / (steps - peak)), 12);
    // On the way up and down it is lower than at its peak.
    for (const step of [peak - 1, peak + 1]) expect(rates.base(step)).toBeLessThan(highest);
    for (const role of ROLES) {
      // A step's decay at the highest rate is the same for all, though their rates differ.
      const highestOfRole = Number(new LearningRates({ ...config, whiteningEpochs: 0 }, 48).of(role, peak));
      expect(highestOfRole * weightDecayOf(config, role)).toBeCloseTo(decay, 7);
    }
  });

  it('fast94 moves the offsets of batch normalisation 64 times as far, all else alike', () => {
    const { rates } = recipe('fast94-sgd');
    for (const step of [0, 50, 109, 300, 475]) {
      for (const role of ['filter', 'head', 'bias', 'kernel'] as const) {
        expect(rates.of(role, step)).toBe(rates.base(step));
      }
      expect(rates.of('norm', step)).toBe(64 * rates.base(step));
    }
  });

  it('fast94 keeps the whitening bias from its fourth epoch on', () => {
    const { rates } = recipe('fast94-sgd');
    expect([0, 109, 143].map((step) => rates.of('whitening', step))).toEqual(
      [0, 109, 143].map((step) => rates.base(step)),
    );
    expect([144, 475].map((step) => rates.of('whitening', step))).toEqual([null, null]);
  });
});

describe.each([
  { name: 'fast94-muon', steps: 200 },
  { name: 'fast95-muon', steps: 500 },
] as const)('$name', ({ name, steps }) => {
  const { config, rates, total } = recipe(name);

  it('has the published rates, which fall to 0 from the first update', () => {
    expect(total).toBe(steps);
    for (const step of [0, 1, 74, 75, steps - 1]) {
      const left = 1 - step / steps;
      expect(rates.of('filter', step)).toBeCloseTo(0.24 * left, 12);
      // Theirs are of the loss summed over the batch.
      expect(Number(rates.of('norm', step)) / 2000).toBeCloseTo(0.053 * left, 12);
      expect(Number(rates.of('head', step)) / 2000).toBeCloseTo(0.67 * left, 12);
    }
  });

  it("lets the whitening bias's rate fall to 0 over three epochs, then keeps it", () => {
    for (const step of [0, 30, 74]) {
      expect(Number(rates.of('whitening', step)) / 2000).toBeCloseTo(0.053 * (1 - step / 75), 12);
    }
    expect(rates.of('whitening', 75)).toBe(null);
  });

  it('decays all but the filters by 0.004 at the first update', () => {
    for (const role of ['norm', 'head', 'whitening'] as const) {
      expect(Number(rates.of(role, 0)) * weightDecayOf(config, role)).toBeCloseTo(0.004, 12);
    }
  });
});

describe('weight decay', () => {
  const sgd = { optimizer: 'sgd', weightDecay: 0.1 } as const;
  it.each([
    [{}, [0.1, 0.1, 0, 0, 0.1, 0]],
    [{ decayAll: true }, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]],
    [{ decayAll: true, normRate: 4, headRate: 0.5 }, [0.1, 0.1, 0.1, 0.025, 0.2, 0.1]],
    // What is never moved is not decayed.
    [{ decayAll: true, normRate: 0, headRate: 0 }, [0.1, 0.1, 0.1, 0, 0, 0.1]],
  ])('with %j', (options, expected) => {
    const config = resolveTrainConfig({ ...sgd, ...options });
    expect(ROLES.map((role) => weightDecayOf(config, role))).toEqual(expected);
  });
});
