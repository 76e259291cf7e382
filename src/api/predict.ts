import { CIFAR10 } from '../dataset/cifar10.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { answerPictures } from '../evaluation/answerPictures.js';
import { Predictor } from '../evaluation/predictor.js';
import { type RankedClass, ranked } from '../evaluation/ranked.js';
import type { Fit } from '../pictures/fit.js';
import { type PictureSource, findPictures, pictureOf } from '../pictures/sources.js';
import { keptModel as keptFolder } from '../runs/keptModel.js';
import type { ModelOptions } from './evaluate.js';
import { engineOf } from './engine.js';
import { Run, runOf } from './run.js';

/** A picture's answer: its classes, the likeliest first, with calibrated probabilities; or why it has none. */
export type Prediction =
  | { picture: string; width: number; height: number; classes: RankedClass[] }
  | { picture: string; error: string };

export interface PredictOptions extends ModelOptions {
  /** What becomes of a picture that is not square; default: crop. */
  fit?: Fit;
  /** Views that are averaged: none (default), flip, multicrop, or the run's own. */
  views?: ViewPreset | 'own';
}

/** A model that stays open between questions. */
export interface Classifier {
  /**
   * @param pictures paths, folders and http(s) addresses, or the contents of picture files
   * @returns an answer a picture, in their order
   */
  predict(pictures: readonly (string | Uint8Array)[], signal?: AbortSignal): Promise<Prediction[]>;
  /** Gives its memory back. */
  dispose(): void;
}

/** The trained network that comes with the package. */
export function keptModel(): Run {
  return new Run(keptFolder());
}

/**
 * Opens a model for many questions.
 * @param run default: the network that comes with the package
 */
export async function openClassifier(
  run: Run | string = keptModel(),
  options: PredictOptions = {},
): Promise<Classifier> {
  const { weights = 'last', views = 'none', fit = 'crop' } = options;
  const folder = runOf(run);
  await engineOf(options);
  const predictor = await Predictor.open(folder, CIFAR10, { weights, views });
  return {
    async predict(pictures, signal) {
      const sources = pictures.flatMap((picture, i) => sourcesOf(picture, i));
      const predictions: Prediction[] = [];
      const asked = { fit, thumbnail: () => 0, ...(signal && { signal }) };
      for await (const answer of answerPictures(predictor, sources, asked)) {
        const picture = answer.source.name;
        if ('reason' in answer) predictions.push({ picture, error: answer.reason });
        else {
          const { width, height, probabilities } = answer;
          predictions.push({ picture, width, height, classes: ranked(probabilities, CIFAR10.classNames) });
        }
      }
      return predictions;
    },
    dispose: () => predictor.dispose(),
  };
}

function sourcesOf(picture: string | Uint8Array, index: number): PictureSource[] {
  return typeof picture === 'string'
    ? findPictures([picture]).sources
    : [pictureOf(picture, `picture ${index + 1}`)];
}

/**
 * Says what is on pictures, as `cifar predict` does.
 * @param pictures paths, folders and http(s) addresses, or the contents of picture files
 * @param run default: the network that comes with the package
 * @returns an answer a picture, in their order; one that cannot be read has an error in place of classes
 */
export async function predict(
  pictures: readonly (string | Uint8Array)[],
  run: Run | string = keptModel(),
  options: PredictOptions = {},
): Promise<Prediction[]> {
  const classifier = await openClassifier(run, options);
  try {
    return await classifier.predict(pictures, options.signal);
  } finally {
    classifier.dispose();
  }
}
