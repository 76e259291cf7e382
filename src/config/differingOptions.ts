import { isDeepStrictEqual } from 'node:util';
import { INCIDENTAL } from './resumable.js';
import type { TrainConfig } from './trainOptions.js';

/** The options in which two configurations differ, but for those that do not bear on what a run comes to. */
export function differingOptions(a: TrainConfig, b: TrainConfig): (keyof TrainConfig)[] {
  const keys = Object.keys(a) as (keyof TrainConfig)[];
  return keys.filter((key) => !INCIDENTAL.includes(key) && !isDeepStrictEqual(a[key], b[key]));
}
