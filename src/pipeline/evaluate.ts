import type { ImageSet } from '../dataset/imageSet.js';
import { CLASS_NAMES } from '../dataset/imageSet.js';
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
import { openModel } from './openModel.js';
import { naturalOrder, predictPass } from './predict.js';
import { evaluationBatches } from './trainSetup.js';

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
): Promise<Evaluation> {
  const { model } = await openModel(modelFolder);
  const source = evaluationBatches(set);
  try {
    const logits = await predictPass(logitsModel(model), source, 0, naturalOrder(set.count), signal);
    return evaluationOf(logits, set.labels);
  } finally {
    await source.close();
    model.dispose();
  }
}

/** Everything an evaluation says, from logits (count × 10). */
export function evaluationOf(logits: Float32Array, labels: Uint8Array): Evaluation {
  const classes = CLASS_NAMES.length;
  const probabilities = softmaxRows(logits, classes);
  const confusion = confusionMatrix(argMaxRows(logits, classes), labels, classes);
  return {
    images: labels.length,
    ...lossAndAccuracy(logits, labels, classes),
    classes: classScores(confusion).map((scores, c) => ({ name: CLASS_NAMES[c], ...scores })),
    confusion,
    calibration: calibration(probabilities, labels, classes),
  };
}
