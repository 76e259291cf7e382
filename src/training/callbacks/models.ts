import { saveModel } from '../../io/modelFiles.js';
import { modelMetadata } from '../../runs/modelMetadata.js';
import { type EpochResult, hasEnded } from '../../runs/runRecord.js';
import type { Temperatures } from '../../runs/temperatures.js';
import { type Training, withAverage } from '../training.js';
import type { Callback } from './callback.js';

/** The model of the best epoch so far. */
export function bestModel(training: Training): Callback {
  return {
    name: 'the best model',
    async epochEnd({ isBest }) {
      if (isBest) await save(training, training.folder.best, training.record.best);
    },
  };
}

/** The model of the last epoch that was validated: the one that the run's result is of. */
export function lastModel(training: Training): Callback {
  const { record, folder } = training;
  let saved: Temperatures | undefined = record.temperatures;
  const saveLast = async (): Promise<void> => {
    await save(training, folder.last, record.last);
    saved = record.temperatures;
  };
  return {
    name: 'the last model',
    async epochEnd({ validation }) {
      if (validation !== undefined) await saveLast();
    },
    async fitEnd(end) {
      // The temperature of the views is known when all epochs have ended.
      const isJudged = hasEnded({ status: end });
      if (isJudged && record.temperatures !== saved) await saveLast();
    },
  };
}

async function save(training: Training, path: string, result: EpochResult | undefined): Promise<void> {
  const { config, net, folder, data, record } = training;
  const metadata = {
    ...modelMetadata(data.train.dataset, folder.name, config.model),
    result,
    temperatures: record.temperatures,
  };
  await withAverage(training, () => saveModel(net.model, path, metadata));
}
