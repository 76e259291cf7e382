import type { Schedule } from './schedule.js';

export function constant(): Schedule {
  return () => 1;
}
