import type { OptionSpec } from '../config/optionSpec.js';

/** Options of test-time augmentation, wherever it is done. */
export const TTA_OPTIONS = {
  passes: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 50,
    placeholder: 'n',
    description: 'augmented passes over the test set that are averaged',
  },
  predictionsDir: {
    type: 'string',
    default: 'predictions',
    placeholder: 'folder',
    description: 'folder of the prediction arrays',
  },
} as const satisfies Record<string, OptionSpec>;

/** What the commands that train an ensemble share. */
export interface MemberOptions {
  members: number;
  passes: number;
  predictionsDir: string;
}

export const MEMBER_OPTIONS = {
  members: {
    type: 'integer',
    min: 1,
    max: 1000,
    default: 10,
    placeholder: 'n',
    description: 'models of the ensemble',
  },
  ...TTA_OPTIONS,
} as const satisfies Record<keyof MemberOptions, OptionSpec>;
