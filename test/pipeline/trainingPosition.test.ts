import { describe, expect, it } from 'vitest';
import {
  beginNextEpoch,
  endOf,
  freshPosition,
  stepsOfEpoch,
  totalSteps,
} from '../../src/pipeline/trainingPosition.js';

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

  it('has the shorter last epoch of the recipe', () => {
    const steps = stepsByEpoch(9.9, 48);
    expect(steps).toHaveLength(10);
    expect(steps.at(-1)).toBe(44);
  });
});
