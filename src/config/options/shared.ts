import { BACKEND_REQUESTS } from '../../engine/names.js';
import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';

/** Options that every command which computes shares. */
export const ENGINE_OPTIONS = {
  backend: {
    group: GROUPS.engine,
    type: 'choice',
    choices: BACKEND_REQUESTS,
    default: 'auto',
    placeholder: 'name',
    description: 'what computes; auto takes the fastest that is usable here (see `cifar backends`)',
  },
  precision: {
    group: GROUPS.engine,
    type: 'choice',
    choices: ['auto', 'bf16', 'f16', 'f32'],
    default: 'auto',
    placeholder: 'type',
    description:
      'number format to compute in: bf16 on the onednn backend, f16 on webgpu, f32 on all; auto is bf16 where the CPU has it, else f32',
  },
  threads: {
    group: GROUPS.engine,
    type: 'integer',
    min: 0,
    max: 1024,
    default: 0,
    placeholder: 'n',
    description: 'threads of the onednn backend; 0 = all cores this process may use',
  },
} as const satisfies Record<string, OptionSpec>;

export const DATA_OPTIONS = {
  limitTest: {
    group: GROUPS.result,
    type: 'integer',
    min: 0,
    default: 0,
    placeholder: 'n',
    description: 'only the first n test images; 0 = all',
  },
  dataDir: {
    group: GROUPS.folders,
    type: 'string',
    default: 'data',
    placeholder: 'folder',
    description: 'folder of the data set',
  },
} as const satisfies Record<string, OptionSpec>;
