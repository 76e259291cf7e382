import type { BackendRequest } from '../../engine/names.js';
import type { Precision } from '../../engine/provider.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';
import { ENGINE_OPTIONS } from './shared.js';

/** What computes, and how. */
export interface EngineConfig {
  backend: BackendRequest;
  precision: Precision;
  threads: number;
  microBatch: number;
  workers: number;
}

export const TRAIN_ENGINE_OPTIONS: Record<keyof EngineConfig, OptionSpec> = {
  ...ENGINE_OPTIONS,
  microBatch: {
    group: GROUPS.engine,
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: 0,
    placeholder: 'n',
    description: 'images computed at once, gradients being summed over the batch; 0 = what fits the backend',
  },
  workers: {
    group: GROUPS.engine,
    type: 'integer',
    min: 0,
    max: 64,
    default: 1,
    placeholder: 'n',
    description: 'threads that prepare batches ahead; 0 = none, in the training thread',
  },
};
