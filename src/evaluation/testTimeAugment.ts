import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainConfig } from '../config/trainOptions.js';
import type { AugmentConfig } from '../dataset/augment/index.js';
import { createBatchSource, sourceOf } from '../dataset/batches/index.js';
import { type ImageSet, naturalOrder } from '../dataset/imageSet.js';
import type { ViewPreset } from '../dataset/views/index.js';
import { logitsModel } from '../nets/index.js';
import { STREAM } from '../util/rng.js';
import { EVALUATION_BATCH } from './atOnce.js';
import { evaluationBatches } from './batches.js';
import { accuracyOf, softmaxRows } from './metrics.js';
import { openModel } from '../runs/openModel.js';
import { type Temperatures, modelTemperatures } from '../runs/temperatures.js';
import { predictPass } from './predict.js';
import { averageViews } from './averageViews.js';

/** Several passes through the set, each image freshly augmented; their probabilities are averaged. */
export interface AugmentedPasses {
  preset: 'keras';
  passes: number;
  augmentation: AugmentConfig;
  seed: number;
}

/** Fixed views of each image, whose logits are averaged. */
export interface FixedViews {
  preset: ViewPreset;
  /** Share of the images, the least sure, that get the views; in (0, 1]. */
  share: number;
}

export type TtaMethod = AugmentedPasses | FixedViews;

export interface TtaOptions {
  /** Images prepared and computed at once; more than EVALUATION_BATCH would only take memory, and count as that. */
  batchSize: number;
  workers: number;
  /** Of the run. */
  config: TrainConfig;
  signal?: AbortSignal;
  /** Told after each augmented pass the accuracy of the mean so far. */
  onPass?: (passes: number, accuracy: number) => void;
}

export interface TtaFigures {
  /** Accuracy of one pass over the plain images, 0 to 1. */
  plainAccuracy: number;
  /** Accuracy of the mean. */
  accuracy: number;
  /** Forward passes for one image that the mean takes, on average. */
  forwards: number;
  /** Accuracy of the mean of the first 1, 2, … augmented passes. */
  accuracyByPasses?: number[];
  /** What the logarithms of the probabilities are divided by for calibrated ones, where that is known. */
  temperature?: number;
  /** The same of a mean with other such networks'. */
  ensembleTemperature?: number;
}

export interface TtaResult extends TtaFigures {
  /** Mean probabilities, or those of the mean logits, as the network was trained: count × classes, row-major. */
  probabilities: Float32Array;
}

/** Test-time augmentation of a saved model, in the set's order. */
export async function testTimeAugment(
  modelFolder: string,
  set: ImageSet,
  method: TtaMethod,
  options: TtaOptions,
): Promise<TtaResult> {
  const { model, metadata } = await openModel(modelFolder, set.dataset);
  try {
    const temperatures = modelTemperatures(metadata, options.config);
    const result =
      method.preset === 'keras'
        ? await averagePasses(model, set, method, options)
        : await averageFixedViews(model, set, method, options);
    return { ...result, ...knownTemperatures(method, temperatures, options.config) };
  } finally {
    model.dispose();
  }
}

/** The temperatures that were fitted for such an average. */
function knownTemperatures(
  method: TtaMethod,
  { single, views, ensemble, from }: Temperatures,
  { tta }: TrainConfig,
): Pick<TtaFigures, 'temperature' | 'ensembleTemperature'> {
  if (from === 'nothing' || method.preset === 'keras' || method.share < 1) return {};
  if (method.preset === 'none') return { temperature: single };
  return method.preset === tta
    ? { temperature: views, ...(ensemble !== 1 && { ensembleTemperature: ensemble }) }
    : {};
}

async function averageFixedViews(
  model: LayersModel,
  set: ImageSet,
  { preset, share }: FixedViews,
  { signal }: TtaOptions,
): Promise<TtaResult> {
  const views = { preset, share, ...(signal !== undefined && { signal }) };
  const { plain, logits, forwards } = await averageViews(logitsModel(model), set, views);
  return {
    plainAccuracy: accuracyOf(plain, set.labels),
    accuracy: accuracyOf(logits, set.labels),
    forwards,
    probabilities: softmaxRows(logits, set.dataset.classNames.length),
  };
}

async function averagePasses(
  model: LayersModel,
  set: ImageSet,
  { passes, augmentation, seed }: AugmentedPasses,
  options: TtaOptions,
): Promise<TtaResult> {
  const plain = evaluationBatches(set);
  const source = createBatchSource({
    ...sourceOf(set),
    batchSize: Math.min(options.batchSize, EVALUATION_BATCH),
    augment: augmentation,
    seed,
    stream: STREAM.testTimeAugment,
    workers: options.workers,
  });
  try {
    const order = naturalOrder(set.count);
    const plainAccuracy = accuracyOf(await predictPass(model, plain, 0, order, options.signal), set.labels);
    const sum = new Float64Array(set.count * set.dataset.classNames.length);
    const accuracyByPasses: number[] = [];
    for (let pass = 0; pass < passes; pass++) {
      const probabilities = await predictPass(model, source, pass, order, options.signal);
      for (let i = 0; i < sum.length; i++) sum[i] += probabilities[i];
      accuracyByPasses.push(accuracyOf(sum, set.labels));
      options.onPass?.(pass + 1, accuracyByPasses[pass]);
    }
    const probabilities = Float32Array.from(sum, (value) => value / passes);
    return {
      plainAccuracy,
      accuracy: accuracyOf(probabilities, set.labels),
      forwards: passes,
      accuracyByPasses,
      probabilities,
    };
  } finally {
    await source.close();
    await plain.close();
  }
}
