import type { ImageSet } from '../dataset/imageSet.js';
import { type Evaluation, evaluate as evaluateModel } from '../evaluation/evaluate.js';
import { readRunRecord } from '../runs/runRecord.js';
import { type EngineOptions, engineOf } from './engine.js';
import { defaultImages } from './loadCifar10.js';
import { type Run, runOf } from './run.js';

/** Of whatever looks at a run's model. */
export interface ModelOptions extends EngineOptions {
  /** The last epoch's model (default) or the best epoch's. */
  weights?: 'last' | 'best';
  signal?: AbortSignal;
}

export interface EvaluateOptions extends ModelOptions {
  /** Default: the test images in `data`. */
  images?: ImageSet;
}

/**
 * Measures a run's model, as `cifar evaluate` does: loss, accuracy, each class, confusions, calibration.
 * @throws CifarError when a file is missing or damaged
 */
export async function evaluate(run: Run | string, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { weights = 'last', signal, images = defaultImages() } = options;
  const folder = runOf(run);
  await engineOf(options);
  return evaluateModel(folder[weights], images, readRunRecord(folder).config, signal);
}
