import { performance } from 'node:perf_hooks';
import { type ImageSet, naturalOrder } from '../dataset/imageSet.js';
import type { TrainConfig } from '../config/trainOptions.js';
import type { ModelMetadata } from '../io/modelFiles.js';
import { logitsModel } from '../nets/index.js';
import { type Calibration, calibration } from './calibration.js';
import { type ClassScores, argMaxRows, classScores, confusionMatrix, lossAndAccuracy } from './metrics.js';
import { openModel } from '../runs/openModel.js';
import { type Temperatures, modelTemperatures } from '../runs/temperatures.js';
import { atTemperature } from './temperature.js';
import { predictPass } from './predict.js';
import { evaluationBatches } from './batches.js';

export interface Evaluation {
  images: number;
  /** Mean cross-entropy, nats. */
  loss: number;
  accuracy: number;
  classes: (ClassScores & { name: string })[];
  /** Counts by true class (row) and predicted class (column). */
  confusion: number[][];
  /** Of the network as it was trained. */
  calibration: Calibration;
  /** At the temperature of a single look, which changes no answer. */
  calibrated: Calibration & { temperature: number; from: Temperatures['from'] };
}

/** A saved model's answers to images, before any temperature. */
export interface Answers {
  /** count × classes, row-major. */
  logits: Float32Array;
  temperatures: Temperatures;
  predictSeconds: number;
  /** 0-based, the one that it was saved at; where it says so. */
  epoch?: number;
}

/**
 * One look of a saved model at each image of a set, in the set's order.
 * @param config of its run
 */
export async function answersTo(
  modelFolder: string,
  set: ImageSet,
  config: TrainConfig,
  signal?: AbortSignal,
): Promise<Answers> {
  const { model, metadata } = await openModel(modelFolder, set.dataset);
  const source = evaluationBatches(set);
  try {
    const start = performance.now();
    const logits = await predictPass(logitsModel(model), source, 0, naturalOrder(set.count), signal);
    const epoch = epochOf(metadata);
    return {
      logits,
      temperatures: modelTemperatures(metadata, config),
      predictSeconds: (performance.now() - start) / 1000,
      ...(epoch !== undefined && { epoch }),
    };
  } finally {
    await source.close();
    model.dispose();
  }
}

/** Loss, accuracy and their breakdown of a saved model on labelled images; as `answersTo`. */
export async function evaluate(
  modelFolder: string,
  set: ImageSet,
  config: TrainConfig,
  signal?: AbortSignal,
): Promise<Evaluation & Pick<Answers, 'predictSeconds' | 'epoch'>> {
  const { logits, temperatures, ...rest } = await answersTo(modelFolder, set, config, signal);
  return { ...evaluationOf(logits, set, temperatures), ...rest };
}

/** The epoch (0-based) whose end a model was saved at, where it says so. */
function epochOf({ result }: ModelMetadata): number | undefined {
  const epoch = typeof result === 'object' && result !== null && 'epoch' in result ? result.epoch : undefined;
  return Number.isSafeInteger(epoch) ? (epoch as number) : undefined;
}

/** Everything an evaluation says, from logits (count × classes). */
export function evaluationOf(
  logits: Float32Array,
  { labels, dataset: { classNames } }: Pick<ImageSet, 'labels' | 'dataset'>,
  { single, from }: Temperatures,
): Evaluation {
  const classes = classNames.length;
  const trained = calibration(logits, labels);
  const confusion = confusionMatrix(argMaxRows(logits, classes), labels, classes);
  return {
    images: labels.length,
    ...lossAndAccuracy(logits, labels),
    classes: classScores(confusion).map((scores, c) => ({ name: classNames[c], ...scores })),
    confusion,
    calibration: trained,
    calibrated: {
      ...(single === 1 ? trained : calibration(atTemperature(logits, single), labels)),
      temperature: single,
      from,
    },
  };
}
