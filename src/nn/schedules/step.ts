import type { Schedule } from './schedule.js';

/**
 * Step decay: from boundary i on, the rate is multiplied by factor i as well.
 * @param boundaries first epochs (0-based) of the lower rates, rising
 * @param factors one a boundary
 */
export function step(boundaries: readonly number[], factors: readonly number[]): Schedule {
  return (epoch) =>
    boundaries.reduce((rate, boundary, i) => (Math.floor(epoch) >= boundary ? rate * factors[i] : rate), 1);
}
