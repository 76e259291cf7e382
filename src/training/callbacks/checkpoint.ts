import { saveCheckpoint } from '../checkpoint.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Everything that training needs to go on, at the end of each epoch and where it is interrupted. */
export function checkpoint({ folder, net, optimizer, average, hardImages, position }: Training): Callback {
  const state = { weights: net.weights, optimizer, average, hardImages };
  // Once the time is up, going on begins at the state saved then, not at the finished average's.
  let isFinal = false;
  return {
    name: 'the checkpoint',
    async timeUp() {
      await saveCheckpoint(folder, state, position);
      isFinal = true;
    },
    async epochEnd({ isComplete }) {
      if (isComplete) await saveCheckpoint(folder, state, position);
    },
    async fitEnd(end) {
      if (end === 'interrupted' && !isFinal) await saveCheckpoint(folder, state, position);
    },
  };
}
