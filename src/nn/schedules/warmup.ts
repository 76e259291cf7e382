import type { Schedule } from './schedule.js';

/** Rises linearly from 0 over the first epochs, then follows the schedule (whose own time is not shifted). */
export function withWarmup(epochs: number, schedule: Schedule): Schedule {
  return (epoch) => (epoch < epochs ? (epoch / epochs) * schedule(epoch) : schedule(epoch));
}
