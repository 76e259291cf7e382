import { describe, expect, it } from 'vitest';
import { constant } from '../../../src/nn/schedules/constant.js';
import { cosine } from '../../../src/nn/schedules/cosine.js';
import { oneCycle } from '../../../src/nn/schedules/oneCycle.js';
import { step } from '../../../src/nn/schedules/step.js';
import { triangle } from '../../../src/nn/schedules/triangle.js';
import { withWarmup } from '../../../src/nn/schedules/warmup.js';

describe('schedules', () => {
  it('constant stays', () => {
    expect(constant()(77.5)).toBe(1);
  });

  it('step follows the article: /5 from epoch 100, a further /2 from 140, changing between epochs only', () => {
    const rate = step([100, 140], [0.2, 0.5]);
    expect([0, 99.99, 100, 139.99, 140, 149.99].map(rate)).toEqual([1, 1, 0.2, 0.2, 0.1, 0.1]);
  });

  it('cosine falls from 1 to 0 with its middle at one half', () => {
    const rate = cosine(10, 30);
    expect(rate(0)).toBe(1);
    expect(rate(10)).toBe(1);
    expect(rate(20)).toBeCloseTo(0.5, 12);
    expect(rate(30)).toBeCloseTo(0, 12);
  });

  it('one-cycle rises from 1/25 to 1 over three tenths, then falls to almost nothing', () => {
    const rate = oneCycle(10);
    expect(rate(0)).toBeCloseTo(1 / 25, 12);
    expect(rate(3)).toBeCloseTo(1, 12);
    expect(rate(1.5)).toBeCloseTo((1 + 1 / 25) / 2, 12);
    expect(rate(6.5)).toBeCloseTo(0.5, 4);
    expect(rate(10)).toBeCloseTo(1 / 250_000, 12);
  });

  it('triangle rises in a line to 1, falls in a line to its last factor and stays there', () => {
    const rate = triangle(2, 10, 0.2, 0.07);
    [0, 1, 2, 6, 10, 11].forEach((epoch, i) =>
      expect(rate(epoch)).toBeCloseTo([0.2, 0.6, 1, 0.535, 0.07, 0.07][i], 12),
    );
  });

  it('triangle with its peak at 0 only falls', () => {
    expect([0, 2, 8].map(triangle(0, 8, 0.2, 0))).toEqual([1, 0.75, 0]);
  });

  it('warm-up rises linearly to the schedule', () => {
    const rate = withWarmup(4, constant());
    expect([0, 1, 2, 4, 5].map(rate)).toEqual([0, 0.25, 0.5, 1, 1]);
  });
});
