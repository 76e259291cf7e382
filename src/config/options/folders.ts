import type { OptionSpec } from '../optionSpec.js';
import { GROUPS } from './groups.js';
import { DATA_OPTIONS } from './shared.js';

/** Where files lie. */
export interface FoldersConfig {
  dataDir: string;
  modelsDir: string;
  keepCheckpoints: readonly number[];
}

export const FOLDERS_OPTIONS: Record<keyof FoldersConfig, OptionSpec> = {
  dataDir: DATA_OPTIONS.dataDir,
  modelsDir: {
    group: GROUPS.folders,
    type: 'string',
    default: 'models',
    placeholder: 'folder',
    description: 'folder of the runs',
  },
  keepCheckpoints: {
    group: GROUPS.folders,
    type: 'numbers',
    min: 1,
    max: 100_000,
    default: [],
    placeholder: 'list',
    description: 'keep the states after so many epochs, from which --fork begins other runs',
  },
};
