/** A process of its own that measures one run, so that the server answers meanwhile. */
import type { Dataset } from '../dataset/descriptor.js';
import { loadTest } from '../dataset/load.js';
import { measure } from '../report/measure.js';
import type { Measures } from '../report/types.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import { runFolder } from '../runs/runFolder.js';
import { readRunRecord } from '../runs/runRecord.js';
import { messageOf } from '../util/errors.js';

export interface MeasureOrder {
  dataset: Dataset;
  /** Path of a run's folder. */
  run: string;
  dataDir: string;
  /** 0: all. */
  limitTest: number;
  predictionsDir: string;
  engine: EngineConfig;
}

export type MeasureAnswer = { measures: Measures } | { reason: string };

process.once('message', (order: MeasureOrder) => {
  void answer(order).then((result) => process.send?.(result, () => process.exit()));
});
// Whoever asked is gone.
process.once('disconnect', () => process.exit());

async function answer({
  dataset,
  run,
  dataDir,
  limitTest,
  predictionsDir,
  engine,
}: MeasureOrder): Promise<MeasureAnswer> {
  try {
    const folder = runFolder(run);
    const test = loadTest(dataset, { dataDir, limit: limitTest });
    const { name } = await openEngine(engine);
    return {
      measures: await measure(folder, readRunRecord(folder), test, { predictionsDir, backend: name }),
    };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}
