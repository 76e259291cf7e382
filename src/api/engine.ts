import type { TrainConfig } from '../config/trainOptions.js';
import { type Engine, openEngine } from '../runs/openEngine.js';

/** What computes. */
export type EngineOptions = Partial<Pick<TrainConfig, 'backend' | 'precision' | 'threads'>>;

/** Makes a backend tfjs's current one: by default the fastest that is usable here. */
export function engineOf({
  backend = 'auto',
  precision = 'auto',
  threads = 0,
}: EngineOptions): Promise<Engine> {
  return openEngine({ backend, precision, threads });
}
