import { netTitle } from '../nets/names.js';
import { isDeepStrictEqual } from 'node:util';
import { differingOptions } from '../config/differingOptions.js';
import { resolveTrainConfig } from '../config/resolveTrainConfig.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { listRuns, runFolder } from './runFolder.js';
import { type RunRecord, readRunRecord } from './runRecord.js';
import { messageOf } from '../util/errors.js';
import { join } from 'node:path';

/** A run of a folder, or why it cannot be read. */
export type ListedRun =
  { name: string; record: RunRecord; own: Partial<TrainConfig> } | { name: string; problem: string };

/**
 * The runs of a folder in the order of their starts, each with the options in which it differs: from the defaults of its
 * recipe, or of training, as far as not all of the runs differ from them alike.
 */
export function compareRuns(modelsDir: string): ListedRun[] {
  const runs = listRuns(modelsDir).map((name): ListedRun => {
    try {
      const record = readRunRecord(runFolder(join(modelsDir, name)));
      return { name, record, own: ownOptions(record.config) };
    } catch (error) {
      return { name, problem: messageOf(error) };
    }
  });
  const readable = runs.flatMap((run) => ('own' in run ? [run] : []));
  const all = readable.map(({ own }) => own);
  const isShared = (key: keyof TrainConfig, value: unknown): boolean =>
    all.length > 1 && all.every((own) => isDeepStrictEqual(own[key], value));
  for (const run of readable) {
    const entries = Object.entries(run.own) as [keyof TrainConfig, unknown][];
    run.own = Object.fromEntries(entries.filter(([key, value]) => !isShared(key, value)));
  }
  const startOf = (run: ListedRun): string => ('record' in run ? run.record.startedAt : '');
  return runs.sort((a, b) => (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0));
}

/** Where a configuration departs from its recipe's, or from the defaults; folders and the like left out. */
function ownOptions(config: TrainConfig): Partial<TrainConfig> {
  const plain = resolveTrainConfig({
    recipe: config.recipe,
    epochs: config.epochs,
    schedule: config.schedule,
  });
  const differs = differingOptions(plain, config);
  const own = Object.fromEntries(differs.map((key) => [key, config[key]])) as Partial<TrainConfig>;
  return {
    ...(config.recipe === 'none'
      ? { model: netTitle(config.model), augment: config.augment }
      : { recipe: config.recipe }),
    ...(config.schedule !== resolveTrainConfig({ recipe: config.recipe }).schedule && {
      schedule: config.schedule,
    }),
    ...own,
  };
}
