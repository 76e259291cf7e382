import type { Schedule } from './schedule.js';

/** Half a cosine from 1 to 0 between two times (Loshchilov & Hutter 2017, without restarts). */
export function cosine(startEpoch: number, endEpoch: number): Schedule {
  return (epoch) => {
    const t = Math.min(
      1,
      Math.max(0, (epoch - startEpoch) / Math.max(endEpoch - startEpoch, Number.EPSILON)),
    );
    return (1 + Math.cos(Math.PI * t)) / 2;
  };
}
