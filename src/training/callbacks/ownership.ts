import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** First of all that writes: nothing is written to a run that another has taken over. */
export function ownership({ owner }: Training): Callback {
  const check = (): void => owner.assert();
  return { name: 'the ownership', fitBegin: check, timeUp: check, epochEnd: check, fitEnd: check };
}
