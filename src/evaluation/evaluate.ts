import { performance } from 'node:perf_hooks';
import type { ImageSet } from '../dataset/imageSet.js';
import { logitsModel } from '../nets/index.js';
import {
  type Calibration,
  type ClassScores,
  argMaxRows,
  calibration,
  classScores,
  confusionMatrix,
  lossAndAccuracy,
  softmaxRows,
} from './metrics.js';
import { openModel } from '../runs/openModel.js';
import { naturalOrder, predictPass } from './predict.js';
import { evaluationBatches } from './batches.js';

export interface Evaluation {
  images: number;
  /** Mean cross-entropy, nats. */
  loss: number;
  accuracy: number;
  classes: (ClassScores & { name: string })[];
  /** Counts by true class (row) and predicted class (column). */
  confusion: number[][];
  calibration: Calibration;
}

/** Loss, accuracy and their breakdown of a saved model on labelled images. */
export async function evaluate(
  modelFolder: string,
  set: ImageSet,
  signal?: AbortSignal,
): Promise<Evaluation & { predictSeconds: number }> {
  const { model } = await openModel(modelFolder, set.dataset);
  const source = evaluationBatches(set);
  try {
    const start = performance.now();
    const logits = await predictPass(logitsModel(model), source, 0, naturalOrder(set.count), signal);
    const predictSeconds = (performance.now() - start) / 1000;
    return { ...evaluationOf(logits, set), predictSeconds };
  } finally {
    await source.close();
    model.dispose();
  }
}

/** Everything an evaluation says, from logits (count × classes). */
export function evaluationOf(
  logits: Float32Array,
  { labels, dataset: { classNames } }: Pick<ImageSet, 'labels' | 'dataset'>,
): Evaluation {
  const classes = classNames.length;
  const probabilities = softmaxRows(logits, classes);
  const confusion = confusionMatrix(argMaxRows(logits, classes), labels, classes);
  return {
    images: labels.length,
    ...lossAndAccuracy(logits, labels),
    classes: classScores(confusion).map((scores, c) => ({ name: classNames[c], ...scores })),
    confusion,
    calibration: calibration(probabilities, labels, classes),
  };
}
