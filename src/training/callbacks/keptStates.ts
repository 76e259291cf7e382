import { keepState } from '../keptStates.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** The states after the epochs of --keep-checkpoints; after a kill before one was kept, the next start keeps it. */
export function keptStates({ folder, config, position }: Training): Callback {
  const keep = (): void => {
    if (position.stepInEpoch === 0 && config.keepCheckpoints.includes(position.epoch)) {
      keepState(folder, position.epoch);
    }
  };
  return {
    name: 'the kept states',
    fitBegin: keep,
    epochEnd({ isComplete }) {
      if (isComplete) keep();
    },
  };
}
