import { type RunStatus, writeRunRecord } from '../../runs/runRecord.js';
import { othersCores, stepsDone, trainingSeconds, trainedImages } from '../position.js';
import { stepFlops, stretches } from '../stretches.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** run.json: how the run stands, its result, the time and arithmetic spent. */
export function runRecord(training: Training): Callback {
  const { folder, config, net, hardImages, position, record, course } = training;
  const write = (status: RunStatus): void => {
    const updates = stepsDone(position, config.epochs);
    const busy = othersCores(position);
    record.status = status;
    record.trainingSeconds = trainingSeconds(position);
    if (busy !== undefined) record.othersCores = busy;
    record.imagesTrained = updates * trainedImages(config);
    const made = stretches(0, updates, course);
    const own = stepFlops(made, trainedImages(config), net.trainingFlopsAt);
    record.petaflop = (own + (hardImages?.flops(made) ?? 0)) / 1e15;
    writeRunRecord(folder, record);
  };
  return {
    name: "the run's record",
    fitBegin: () => write('running'),
    epochEnd({ isComplete }) {
      if (isComplete) write('running');
    },
    fitEnd(end) {
      // One that was saved as interrupted before something failed stays so.
      if ((end !== 'failed' && end !== 'diverged') || record.status === 'running') write(end);
    },
  };
}
