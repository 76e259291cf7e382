import { saveCheckpoint } from '../checkpoint.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Everything that training needs to go on, at the end of each epoch and where it is interrupted. */
export function checkpoint(training: Training): Callback {
  const { folder, position } = training;
  // Once the time is up, going on begins at the state saved then, not at the finished average's.
  let isFinal = false;
  return {
    name: 'the checkpoint',
    async timeUp() {
      await saveCheckpoint(folder, training, position);
      isFinal = true;
    },
    async epochEnd({ isComplete }) {
      if (isComplete) await saveCheckpoint(folder, training, position);
    },
    async fitEnd(end) {
      if (end === 'interrupted' && !isFinal) await saveCheckpoint(folder, training, position);
    },
  };
}
