import type { TrainConfig } from '../config/trainOptions.js';
import { type Engine, type EngineConfig, openEngine } from '../runs/openEngine.js';

/** What computes. */
export type EngineOptions = Partial<Pick<TrainConfig, 'backend' | 'precision' | 'threads'>>;

/** What is to compute: by default the fastest that is usable here. */
export function engineConfig({
  backend = 'auto',
  precision = 'auto',
  threads = 0,
}: EngineOptions): EngineConfig {
  return { backend, precision, threads };
}

/** Makes a backend tfjs's current one. */
export function engineOf(options: EngineOptions): Promise<Engine> {
  return openEngine(engineConfig(options));
}
