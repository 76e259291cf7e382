import { usableCores } from '../../engine/cores.js';
import { othersCores } from '../position.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Cores that others must lack before it is worth a word. */
const SHORTAGE = 0.5;

/**
 * Says once, after an epoch, that threads wait for each other since other programs have a core: steps are faster on fewer threads
 * then (results/busy.json).
 */
export function busyMachine({ position, record, reporter }: Training): Callback {
  let isSaid = false;
  return {
    name: 'the note on a busy machine',
    onlyReports: true,
    epochEnd() {
      const threads = record.starts.at(-1)?.threads ?? 1;
      const busy = othersCores(position) ?? 0;
      const cores = usableCores();
      if (isSaid || threads < 2 || threads + busy < cores + SHORTAGE) return;
      isSaid = true;
      const fewer = Math.max(1, Math.floor(cores - busy));
      reporter.note(
        `Note: other programs kept ${busy.toFixed(1)} of ${cores} cores busy, so that the training's ${threads} threads wait for each other. ` +
          `With --threads ${fewer} it would be faster, 1.3 to 3.4 times where that was measured: least with large steps, most with small ones beside another training.`,
      );
    },
  };
}
