import { HistoryWriter } from '../../runs/history.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** The epochs' figures, for programs and spreadsheets. */
export function historyFiles({ folder, position }: Training): Callback {
  const writer = new HistoryWriter(folder);
  return {
    name: 'the history',
    onlyReports: true,
    epochEnd({ isComplete }) {
      if (isComplete) writer.write(position.history);
    },
  };
}
