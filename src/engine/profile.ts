import { backend } from '@tensorflow/tfjs-core';
import { type ProfileReport, Statistics } from './onednn/statistics.js';

export type { ProfileReport };

/** The counters of the backend that runs now; undefined when it keeps none (only onednn does). */
export function currentStatistics(): Statistics | undefined {
  const { statistics } = backend() as unknown as { statistics?: unknown };
  return statistics instanceof Statistics ? statistics : undefined;
}
