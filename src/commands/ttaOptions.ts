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
