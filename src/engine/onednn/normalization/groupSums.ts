import type { Lanes } from '../machine/assembler.js';

/** Sums, [group of images, vector of channels, sum, channel of the vector]. */
export interface GroupSums {
  readonly values: Float32Array;
  readonly channels: number;
  readonly groups: number;
  readonly lanes: Lanes;
  /** Of a vector. */
  readonly sums: number;
}

/** Calls back with each group's sums of a channel: how many numbers from `at` on lie between one and the next is `lanes`. */
function eachGroup(
  { channels, groups, lanes, sums }: GroupSums,
  channel: number,
  visit: (at: number) => void,
): void {
  const inGroup = Math.floor(channel / lanes) * sums * lanes + (channel % lanes);
  for (let group = 0; group < groups; group++) visit(group * sums * channels + inGroup);
}

/** Each channel's sums over all groups. */
export function totals(of: GroupSums): Float64Array[] {
  const all = Array.from({ length: of.sums }, () => new Float64Array(of.channels));
  for (let channel = 0; channel < of.channels; channel++) {
    eachGroup(of, channel, (at) => {
      all.forEach((total, i) => (total[channel] += of.values[at + i * of.lanes]));
    });
  }
  return all;
}

/**
 * Mean and biased variance of each channel, of groups of so many values about a first one: joined as Chan, Golub and LeVeque (1979) have it.
 * @param of with three sums: the first value, the sums of differences from it and of their squares
 */
export function joinedMoments(
  of: GroupSums,
  perGroup: number,
): { mean: Float64Array; variance: Float64Array } {
  const { values, channels, groups, lanes } = of;
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
  for (let channel = 0; channel < channels; channel++) {
    let [joined, centre, squares] = [0, 0, 0];
    eachGroup(of, channel, (at) => {
      const offset = values[at + lanes] / perGroup;
      const distance = values[at] + offset - centre;
      const own = Math.max(0, values[at + 2 * lanes] - offset * values[at + lanes]);
      squares += own + (distance * distance * joined * perGroup) / (joined + perGroup);
      joined += perGroup;
      centre += (distance * perGroup) / joined;
    });
    mean[channel] = centre;
    variance[channel] = squares / (groups * perGroup);
  }
  return { mean, variance };
}
