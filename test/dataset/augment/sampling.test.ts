import { describe, expect, it } from 'vitest';
import {
  AUGMENT_PRESETS,
  identityParameters,
  sampleParameters,
  type AugmentConfig,
  type AugmentParameters,
} from '../../../src/dataset/augment/index.js';
import { STREAM } from '../../../src/util/rng.js';

const N = 20_000;
const { strong, none } = AUGMENT_PRESETS;

function draw(config: AugmentConfig, pick: (p: AugmentParameters) => number, epoch = 0): Float64Array {
  return Float64Array.from({ length: N }, (_, index) => pick(sampleParameters(config, 7, epoch, index)));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(x: Float64Array, y: Float64Array): number {
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, k) => (value - mx) * (y[k] - my)));
  return covariance / Math.sqrt(mean(x.map((v) => (v - mx) ** 2)) * mean(y.map((v) => (v - my) ** 2)));
}

const uniform: [string, (p: AugmentParameters) => number, number, number][] = [
  ['rotation', (p) => p.rotation, (-20 * Math.PI) / 180, (20 * Math.PI) / 180],
  ['shiftRows', (p) => p.shiftRows, -0.3 * 32, 0.3 * 32],
  ['shiftColumns', (p) => p.shiftColumns, -0.3 * 32, 0.3 * 32],
  ['zoomRows', (p) => p.zoomRows, 0.7, 1.3],
  ['zoomColumns', (p) => p.zoomColumns, 0.7, 1.3],
  ['channelShift', (p) => p.channelShift, -0.3, 0.3],
];

describe('sampleParameters', () => {
  it.each(uniform)('draws %s uniformly', (_, pick, low, high) => {
    const values = draw(strong, pick);
    const range = high - low;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...values)).toBeLessThan(low + 0.001 * range);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
    expect(Math.max(...values)).toBeGreaterThan(high - 0.001 * range);

    // Five standard errors of the mean and of the variance of a uniform variable.
    const middle = (low + high) / 2;
    const variance = range ** 2 / 12;
    expect(Math.abs(mean(values) - middle)).toBeLessThan(5 * Math.sqrt(variance / N));
    const squares = mean(values.map((value) => (value - middle) ** 2));
    expect(Math.abs(squares / variance - 1)).toBeLessThan(5 * Math.sqrt(0.8 / N));

    // χ² over 20 cells: 99.99 % of 19 degrees of freedom lie below 51.
    const cells = new Float64Array(20);
    for (const value of values) cells[Math.min(19, Math.floor(((value - low) / range) * 20))]++;
    const chiSquare = cells.reduce((sum, count) => sum + (count - N / 20) ** 2 / (N / 20), 0);
    expect(chiSquare).toBeLessThan(51);
  });

  it('draws all of them independently, the two zooms too', () => {
    const picks = [...uniform.map(([, pick]) => pick), (p: AugmentParameters) => Number(p.flip)];
    const drawn = picks.map((pick) => draw(strong, pick));
    for (let a = 0; a < drawn.length; a++)
      for (let b = 0; b < a; b++)
        expect(Math.abs(correlation(drawn[a], drawn[b])), `${a}, ${b}`).toBeLessThan(5 / Math.sqrt(N));
  });

  it('draws one image anew each epoch', () => {
    for (const [, pick] of uniform) {
      const correlated = correlation(draw(strong, pick, 0), draw(strong, pick, 1));
      expect(Math.abs(correlated)).toBeLessThan(5 / Math.sqrt(N));
    }
  });

  it.each([0, 0.1, 0.5, 1])('flips with probability %f', (p) => {
    const flips = draw({ horizontalFlip: p }, ({ flip }) => Number(flip));
    const tolerance = 5 * Math.sqrt((p * (1 - p)) / N);
    expect(Math.abs(mean(flips) - p)).toBeLessThanOrEqual(tolerance);
  });

  it('is a function of seed, stream, epoch and index, and of each of them', () => {
    const base = sampleParameters(strong, 1, 2, 3, STREAM.augment);
    expect(sampleParameters(strong, 1, 2, 3)).toEqual(base);
    expect(sampleParameters(strong, 9, 2, 3)).not.toEqual(base);
    expect(sampleParameters(strong, 1, 9, 3)).not.toEqual(base);
    expect(sampleParameters(strong, 1, 2, 9)).not.toEqual(base);
    expect(sampleParameters(strong, 1, 2, 3, STREAM.testTimeAugment)).not.toEqual(base);
  });

  it('keeps the other draws when one setting goes', () => {
    const full = sampleParameters(strong, 1, 2, 3);
    const rest: AugmentConfig = { ...strong };
    delete rest.zoom;
    delete rest.rotationDegrees;
    expect(sampleParameters(rest, 1, 2, 3)).toEqual({
      ...full,
      rotation: 0,
      zoomRows: 1,
      zoomColumns: 1,
    });
  });

  it('draws translations and the place of the cutout evenly and independently, after all others', () => {
    const config = { ...strong, translate: 2, cutout: 12 };
    const cases: [(p: AugmentParameters) => number, low: number, high: number][] = [
      [(p) => p.translateRows, -2, 2],
      [(p) => p.translateColumns, -2, 2],
      [(p) => p.cutoutTop, 0, 20],
      [(p) => p.cutoutLeft, 0, 20],
    ];
    for (const [pick, low, high] of cases) {
      const values = draw(config, pick);
      const share = 1 / (high - low + 1);
      for (let value = low; value <= high; value++) {
        const count = values.filter((each) => each === value).length;
        expect(Math.abs(count / N - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / N));
      }
      expect(values.every((value) => value >= low && value <= high)).toBe(true);
      for (const [other] of cases)
        if (other !== pick)
          expect(Math.abs(correlation(values, draw(config, other)))).toBeLessThan(5 / Math.sqrt(N));
    }
    const { translateRows, translateColumns, cutoutSize, cutoutTop, cutoutLeft, ...rest } = sampleParameters(
      config,
      1,
      2,
      3,
    );
    expect(cutoutSize).toBe(12);
    expect(sampleParameters(strong, 1, 2, 3)).toMatchObject(rest);
    const alone = sampleParameters({ translate: 2, cutout: 12 }, 1, 2, 3);
    expect(alone).toMatchObject({ translateRows, translateColumns, cutoutTop, cutoutLeft });
  });

  it('mirrors the same half of the images in even epochs and the others in odd ones', () => {
    const config = { alternatingFlip: true } as const;
    const flips = [0, 1, 2, 3].map((epoch) => draw(config, ({ flip }) => Number(flip), epoch));
    expect(Math.abs(mean(flips[0]) - 0.5)).toBeLessThan(5 / Math.sqrt(4 * N));
    expect(flips[1]).toEqual(flips[0].map((flip) => 1 - flip));
    expect(flips[2]).toEqual(flips[0]);
    expect(flips[3]).toEqual(flips[1]);
    const otherSeed = Float64Array.from({ length: N }, (_, i) =>
      Number(sampleParameters(config, 8, 0, i).flip),
    );
    expect(Math.abs(correlation(flips[0], otherSeed))).toBeLessThan(5 / Math.sqrt(N));
    // Neighbours are independent, too.
    expect(Math.abs(correlation(flips[0].slice(1), flips[0].slice(0, -1)))).toBeLessThan(5 / Math.sqrt(N));
  });

  it('measures shifts by the side they run along', () => {
    const config = { heightShift: 0.5, widthShift: 0.5 };
    const square = sampleParameters(config, 1, 0, 0, STREAM.augment, 32, 32);
    const oblong = sampleParameters(config, 1, 0, 0, STREAM.augment, 64, 16);
    expect(oblong.shiftRows).toBeCloseTo(square.shiftRows * 2, 12);
    expect(oblong.shiftColumns).toBeCloseTo(square.shiftColumns / 2, 12);
  });

  it('changes nothing under none, and fills the record it is given', () => {
    const out = { ...identityParameters(), rotation: 5, flip: true };
    expect(sampleParameters(none, 1, 2, 3, STREAM.augment, 32, 32, out)).toBe(out);
    expect(out.flip).toBe(false);
    for (const key of ['rotation', 'shiftRows', 'shiftColumns', 'channelShift'] as const)
      expect(Math.abs(out[key])).toBe(0);
    expect([out.zoomRows, out.zoomColumns]).toEqual([1, 1]);
  });
});
