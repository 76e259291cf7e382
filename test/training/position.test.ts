import { describe, expect, it } from 'vitest';
import {
  beginNextEpoch,
  endOf,
  freshPosition,
  isValidationDue,
  stepsOfEpoch,
  takeResult,
  totalSteps,
} from '../../src/training/position.js';

describe('totalSteps', () => {
  it.each([
    [9.9, 48, 476],
    [15, 48, 720],
    [1.5, 3, 5],
    [0.01, 48, 1],
    [1, 1, 1],
    // Products that rounding lifts above a whole number.
    [1.1, 10, 11],
    [2.2, 5, 11],
  ])('of %d epochs of %i steps is %i', (epochs, stepsPerEpoch, expected) => {
    expect(totalSteps(epochs, stepsPerEpoch)).toBe(expected);
  });
});

describe('a position', () => {
  const noLimits = { earlyStop: 0, maxTime: 0 };

  /** Steps of each epoch until training has finished. */
  function stepsByEpoch(epochs: number, stepsPerEpoch: number): number[] {
    const position = freshPosition(stepsPerEpoch);
    const steps: number[] = [];
    while (endOf(position, { epochs, ...noLimits }) === undefined && steps.length < 100) {
      steps.push(stepsOfEpoch(position, epochs));
      beginNextEpoch(position);
    }
    return steps;
  }

  it.each([
    [1.5, 3, [3, 2]],
    [2, 3, [3, 3]],
    [2.01, 3, [3, 3, 1]],
    [0.5, 3, [2]],
    [1.1, 10, [10, 1]],
    // Whole but for rounding: 7.000000000000001.
    [0.7 * 10 + 2 ** -50, 2, [2, 2, 2, 2, 2, 2, 2]],
  ])('passes through %d epochs of %i steps as %j', (epochs, stepsPerEpoch, expected) => {
    expect(stepsByEpoch(epochs, stepsPerEpoch)).toEqual(expected);
  });

  it.each<[string, number[], Partial<Parameters<typeof isValidationDue>[1]>]>([
    ['every epoch', [0, 1, 2, 3, 4, 5, 6], {}],
    ['every third and the last', [2, 5, 6], { validateEvery: 3 }],
    ['a last, partial one', [4, 6], { validateEvery: 5, epochs: 6.1 }],
    ['only the last', [6], { validateEvery: 100 }],
    ['where the time has run out', [2, 4, 5, 6], { validateEvery: 3, maxTime: 5 }],
  ])('is validated after %s', (_name, expected, changes) => {
    const position = freshPosition(3);
    const validated: number[] = [];
    for (let epoch = 0; epoch < 7; epoch++) {
      position.epochSeconds = 1;
      if (isValidationDue(position, { epochs: 7, maxTime: 0, validateEvery: 1, ...changes }))
        validated.push(epoch);
      beginNextEpoch(position);
    }
    expect(validated).toEqual(expected);
  });

  it('counts the epochs since the lowest loss, of validated epochs only', () => {
    const position = freshPosition(3);
    const take = (epochs: number, loss: number, accuracy: number): [boolean, number] => {
      for (let i = 1; i < epochs; i++) beginNextEpoch(position);
      const isBest = takeResult(position, { loss, accuracy });
      beginNextEpoch(position);
      return [isBest, position.epochsWithoutGain];
    };
    expect(take(2, 1.5, 0.5)).toEqual([true, 0]);
    expect(take(3, 1.6, 0.6)).toEqual([true, 3]);
    expect(take(1, 1.7, 0.6)).toEqual([false, 4]);
    expect(take(3, 1.4, 0.5)).toEqual([false, 0]);
    expect(position).toMatchObject({ last: { epoch: 8, loss: 1.4 }, best: { epoch: 4, accuracy: 0.6 } });
  });

  it('has the shorter last epoch of the recipe', () => {
    const steps = stepsByEpoch(9.9, 48);
    expect(steps).toHaveLength(10);
    expect(steps.at(-1)).toBe(44);
  });
});
