import type { Schedule } from './schedule.js';

/** Keeps the rounding of a third of an epoch from putting a boundary off by an update. */
const ROUNDING = 1e-9;

/**
 * Step decay: from the first update at or after boundary i on, the rate is multiplied by factor i as well.
 * @param boundaries epochs (0-based, parts of one too) from which on the rates are lower, rising
 * @param factors one a boundary
 */
export function step(boundaries: readonly number[], factors: readonly number[]): Schedule {
  return (epoch) =>
    boundaries.reduce((rate, boundary, i) => (epoch >= boundary - ROUNDING ? rate * factors[i] : rate), 1);
}
