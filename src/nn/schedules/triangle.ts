import type { Schedule } from './schedule.js';

/**
 * Straight up from one factor to 1, then straight down to another.
 * @param peak, end times in epochs; with a peak of 0 it begins at 1
 */
export function triangle(peak: number, end: number, first: number, last: number): Schedule {
  return (epoch) =>
    epoch < peak
      ? first + (1 - first) * (epoch / peak)
      : 1 + (last - 1) * Math.min(1, (epoch - peak) / (end - peak));
}
