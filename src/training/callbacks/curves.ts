import { performance } from 'node:perf_hooks';
import { measuredOn } from '../../runs/runRecord.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Drawing may take this share of the training's time. */
const SHARE = 0.02;
/** What the first drawing, which loads the library, is taken to need, in seconds. */
const FIRST_SECONDS = 1;

/** The picture of loss and accuracy by epoch: drawn when there is time for it, and always at the end. */
export function curves({ folder, position, record }: Training): Callback {
  let drawnAt = performance.now();
  let drawingSeconds = FIRST_SECONDS;
  let isDue = false;
  const draw = async (): Promise<void> => {
    const start = performance.now();
    // Loaded by those who draw: it takes a quarter of a second.
    const { curvesChart } = await import('../../plots/curves.js');
    const { savePicture } = await import('../../plots/savePicture.js');
    savePicture(folder.curves, await curvesChart(position.history, folder.name, measuredOn(record)));
    isDue = false;
    drawnAt = performance.now();
    drawingSeconds = (drawnAt - start) / 1000;
  };
  return {
    name: 'the picture of the curves',
    onlyReports: true,
    async epochEnd({ isComplete }) {
      if (!isComplete) return;
      isDue = true;
      if (SHARE * (performance.now() - drawnAt) >= 1000 * drawingSeconds) await draw();
    },
    async fitEnd() {
      if (isDue) await draw();
    },
  };
}
