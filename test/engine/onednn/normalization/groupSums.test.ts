import { expect, it } from 'vitest';
import {
  type GroupSums,
  joinedMoments,
  totals,
} from '../../../../src/engine/onednn/normalization/groupSums.js';

const LANES = 8;

/** As the code leaves them: `of` is called for each group, channel and sum. */
function sumsOf(
  { channels, groups, sums }: Pick<GroupSums, 'channels' | 'groups' | 'sums'>,
  of: (group: number, channel: number, sum: number) => number,
): GroupSums {
  const values = new Float32Array(groups * channels * sums);
  for (let group = 0; group < groups; group++)
    for (let channel = 0; channel < channels; channel++)
      for (let sum = 0; sum < sums; sum++) {
        const vector = Math.floor(channel / LANES);
        values[((group * (channels / LANES) + vector) * sums + sum) * LANES + (channel % LANES)] = of(
          group,
          channel,
          sum,
        );
      }
  return { values, channels, groups, lanes: LANES, sums };
}

it('adds up each channel’s sums over the groups', () => {
  const shape = { channels: 24, groups: 5, sums: 2 };
  const all = totals(sumsOf(shape, (group, channel, sum) => 100 * group + channel + 0.5 * sum));
  expect(all).toHaveLength(2);
  all.forEach((total, sum) => {
    total.forEach((value, channel) => {
      expect(value).toBe(1000 + 5 * (channel + 0.5 * sum));
    });
  });
});

it('joins moments about each group’s own first value, far from zero as well', () => {
  const perGroup = 4;
  const valueOf = (group: number, channel: number, i: number): number =>
    1000 * channel + group + ((i * (channel + 1)) % 3);
  const shape = { channels: 16, groups: 3, sums: 3 };
  const sums = sumsOf(shape, (group, channel, sum) => {
    const first = valueOf(group, channel, 0);
    const differences = [0, 1, 2, 3].map((i) => valueOf(group, channel, i) - first);
    return [first, differences.reduce((a, b) => a + b), differences.reduce((a, b) => a + b ** 2, 0)][sum];
  });
  const { mean, variance } = joinedMoments(sums, perGroup);
  for (let channel = 0; channel < 16; channel++) {
    const values = [0, 1, 2].flatMap((group) => [0, 1, 2, 3].map((i) => valueOf(group, channel, i)));
    const expected = values.reduce((a, b) => a + b) / 12;
    expect(mean[channel]).toBeCloseTo(expected, 9);
    expect(variance[channel]).toBeCloseTo(
      values.reduce((a, value) => a + (value - expected) ** 2, 0) / 12,
      9,
    );
  }
});
