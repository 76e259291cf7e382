import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { openEngine } from '../runs/openEngine.js';
import {
  type PredictionRecord,
  type PredictionSource,
  earlierPrediction,
  type WantedMethod,
  predictionSource,
  savePredictions,
} from '../evaluation/predictionFile.js';
import type { RunFolder } from '../runs/runFolder.js';
import { testTimeAugment } from '../evaluation/testTimeAugment.js';

/** The predictions of a run's last model, and where they are kept. */
export interface PredictionPlan {
  run: RunFolder;
  folder: string;
  name: string;
  tta: WantedMethod;
  /** How the run was trained. */
  config: TrainConfig;
}

/** Told what is kept, and what becomes of predictions that are made. */
export interface PredictionReporter {
  kept(what: string): void;
  pass(passes: number, of: number, accuracy: number): void;
  predicted(path: string, record: PredictionRecord): void;
}

export interface Prediction {
  path: string;
  /** Of one pass over the plain images, and of the average, 0 to 1. */
  plainAccuracy: number;
  accuracy: number;
}

/** What a plan's predictions are made from, and how. */
export const sourceOf = ({ run, tta }: PredictionPlan, { count }: ImageSet): PredictionSource =>
  predictionSource(run, { weights: 'last', images: count, tta });

/** Those that were made before from the same weights in the same way; writes nothing. @throws as predictOnce */
export function keptPrediction(
  { folder, name }: PredictionPlan,
  source: PredictionSource,
  reporter: PredictionReporter,
): Prediction | undefined {
  const earlier = earlierPrediction(folder, name, source.run);
  if (earlier?.accuracy === undefined || earlier.plainAccuracy === undefined || !isFrom(source, earlier)) {
    return undefined;
  }
  const path = join(folder, `${name}.npy`);
  reporter.kept(`${path} is there already`);
  return { path, plainAccuracy: earlier.plainAccuracy, accuracy: earlier.accuracy };
}

/**
 * Predictions averaged over augmented passes: kept when they were made before from the same weights in the same way.
 * @throws UsageError when the predictions of another run lie there; CifarError when their record is damaged
 */
export async function predictOnce(
  plan: PredictionPlan,
  test: ImageSet,
  reporter: PredictionReporter,
  signal?: AbortSignal,
): Promise<Prediction> {
  const { run, folder, name, tta, config } = plan;
  const { batchSize, workers } = config;
  const source = sourceOf(plan, test);
  const kept = keptPrediction(plan, source, reporter);
  if (kept !== undefined) return kept;
  // Nothing has opened it when the run had been trained before.
  await openEngine(config);
  const passes = tta.preset === 'keras' ? tta.passes : 1;
  const { probabilities, ...figures } = await testTimeAugment(run.last, test, source.method, {
    batchSize,
    workers,
    config,
    ...(signal === undefined ? {} : { signal }),
    onPass: (done, accuracy) => reporter.pass(done, passes, accuracy),
  });
  const record = { ...source, ...figures };
  const path = savePredictions(folder, name, probabilities, record);
  reporter.predicted(path, record);
  return { path, plainAccuracy: record.plainAccuracy, accuracy: record.accuracy };
}

/** The augmentation counts by what it does, not by the name or path it was asked for by. */
function isFrom(source: PredictionSource, earlier: Partial<PredictionRecord>): boolean {
  const keys = ['weights', 'weightsFile', 'images', 'method'] as const;
  return keys.every((key) => isDeepStrictEqual(earlier[key], source[key]));
}
