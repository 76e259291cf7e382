import type { Schedule } from './schedule.js';

/** Share of training in which the rate rises, the first rate's divisor, and the last rate's (Smith & Topin 2018, in the form common libraries give it). */
const RISING_SHARE = 0.3;
const START_DIVISOR = 25;
const END_DIVISOR = 250_000;

/** One cycle: half a cosine up from 1/25 of the peak, then half a cosine down to almost nothing. */
export function oneCycle(epochs: number): Schedule {
  const peak = RISING_SHARE * epochs;
  const between = (from: number, to: number, t: number): number =>
    to + ((from - to) * (1 + Math.cos(Math.PI * t))) / 2;
  return (epoch) =>
    epoch < peak
      ? between(1 / START_DIVISOR, 1, epoch / peak)
      : between(1, 1 / END_DIVISOR, Math.min(1, (epoch - peak) / (epochs - peak)));
}
