import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfig } from '../config/configFile.js';
import { TRAIN_OPTIONS } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { loadModel, saveModel } from '../io/modelFiles.js';
import { UsageError } from '../util/errors.js';
import { writeFileAtomic } from '../util/files.js';
import { type EngineConfig, openEngine } from '../runs/openEngine.js';
import { type Evaluation, evaluate } from '../evaluation/evaluate.js';
import { modelCard } from './modelCard.js';
import { type RunFolder, runFolder } from '../runs/runFolder.js';
import { readRunRecord, writeRunRecord } from '../runs/runRecord.js';
import { type TtaFigures, testTimeAugment } from '../evaluation/testTimeAugment.js';

export interface ExportOptions {
  weights: 'last' | 'best';
  /** Stores each weight in 16 bits. */
  float16: boolean;
  engine: EngineConfig;
  signal?: AbortSignal;
}

export interface Exported {
  folder: RunFolder;
  /** Of the weights as they were stored. */
  evaluation: Evaluation;
  tta: TtaFigures | undefined;
  modelBytes: number;
}

/**
 * Makes a folder to give away: the model, what is needed to judge and to repeat its run, and a model card with its
 * accuracy, measured anew on the stored weights. It is a run's folder itself, without checkpoint and history.
 * @throws UsageError when the folder is there already, CifarError when the run has no such model
 */
export async function exportModel(
  run: RunFolder,
  target: string,
  test: ImageSet,
  { weights, float16, engine, signal }: ExportOptions,
): Promise<Exported> {
  if (existsSync(target)) {
    throw new UsageError(`${target} is there already: remove it, or give another folder.`);
  }
  const own = readRunRecord(run);
  // The folders of whoever trained it are nobody else's.
  const [dataDir, modelsDir] = [TRAIN_OPTIONS.dataDir, TRAIN_OPTIONS.modelsDir].map((o) => String(o.default));
  const record = { ...own, config: { ...own.config, dataDir, modelsDir } };
  await openEngine(engine);
  const folder = runFolder(target);
  const { model, metadata } = await loadModel(run[weights]);
  await saveModel(model, folder.last, metadata, { float16 });
  model.dispose();
  const evaluation = await evaluate(folder.last, test, signal);
  const tta = await withViews(folder.last, test, record.config.tta, signal);
  if (existsSync(run.augment)) copyFileSync(run.augment, folder.augment);
  writeFileAtomic(folder.config, formatConfig(record.config));
  const modelBytes = readdirSync(folder.last).reduce(
    (sum, name) => sum + statSync(join(folder.last, name)).size,
    0,
  );
  const card = modelCard({ name: folder.name, record, weights, float16, evaluation, tta, modelBytes });
  writeFileAtomic(join(folder.path, 'README.md'), card);
  writeRunRecord(folder, record);
  return { folder, evaluation, tta, modelBytes };
}

async function withViews(
  modelFolder: string,
  test: ImageSet,
  preset: ViewPreset,
  signal: AbortSignal | undefined,
): Promise<TtaFigures | undefined> {
  if (preset === 'none') return undefined;
  const { plainAccuracy, accuracy, forwards } = await testTimeAugment(
    modelFolder,
    test,
    { preset, share: 1 },
    { batchSize: test.count, workers: 0, ...(signal !== undefined && { signal }) },
  );
  return { plainAccuracy, accuracy, forwards };
}
