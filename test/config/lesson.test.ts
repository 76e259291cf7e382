import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  FINDINGS,
  LESSON_ROWS,
  SMALLEST_LESSON,
  TRIAL,
  lessonSeconds,
  lessonSize,
} from '../../src/config/lesson.js';

describe('a lesson', () => {
  it('is the largest that fits into its time', () => {
    for (const [seconds, speed] of [
      [2400, 400],
      [3000, 150],
      [1200, 900],
    ]) {
      const size = lessonSize(seconds, speed, 50);
      if (size === undefined) throw new Error('no lesson');
      expect(lessonSeconds(size, speed, 50)).toBeLessThanOrEqual(seconds);
      const larger = { ...size, limitTrain: size.limitTrain + 500 };
      expect(lessonSeconds(larger, speed, 50)).toBeGreaterThan(seconds);
    }
    // Four trainings, 30 epochs each with a look at 2,000 images, and 50 looks more.
    expect(lessonSeconds(SMALLEST_LESSON, 1, 50)).toBeCloseTo(
      (4 * 30 * (2000 + 2000 / 3) + (50 * 2000) / 3) / 0.85,
    );
  });

  it('has no size where the time is too short, and no more images than there are', () => {
    expect(lessonSize(60, 100, 50)).toBeUndefined();
    expect(lessonSize(1e7, 1e4, 50)).toMatchObject({ limitTrain: 50_000 });
  });

  it('expects what the kept trial has shown', () => {
    const { figures } = JSON.parse(readFileSync('results/lesson.json', 'utf8')) as {
      figures: { size: object; gains: Record<string, { bySeed: number[] }> };
    };
    expect(figures.size).toMatchObject(TRIAL.size);
    expect(
      FINDINGS.map(({ title }) => figures.gains[title].bySeed.map((gain) => Number(gain.toFixed(4)))),
    ).toEqual(TRIAL.gains);
    for (const { rows } of FINDINGS) for (const row of rows) expect(LESSON_ROWS).toContain(row);
  });
});
