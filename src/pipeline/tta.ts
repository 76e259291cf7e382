import type { AugmentConfig } from '../dataset/augment/index.js';
import { createBatchSource } from '../dataset/batches/index.js';
import { CLASS_NAMES, IMAGE_CHANNELS, IMAGE_SIDE, type ImageSet } from '../dataset/imageSet.js';
import { loadModel } from '../io/modelFiles.js';
import { STREAM } from '../util/rng.js';
import { EVALUATION_BATCH } from './engine.js';
import { classAccuracy } from './metrics.js';
import { naturalOrder, predictPass } from './predict.js';
import { evaluationBatches } from './trainSetup.js';

export interface TtaOptions {
  passes: number;
  augment: AugmentConfig;
  /** Images prepared and computed at once; more than EVALUATION_BATCH would only take memory, and count as that. */
  batchSize: number;
  seed: number;
  workers: number;
  signal?: AbortSignal;
  /** Told after each pass the accuracy of the mean so far. */
  onPass?: (passes: number, accuracy: number) => void;
}

export interface TtaResult {
  /** Accuracy of one pass over the plain images, 0 to 1. */
  plainAccuracy: number;
  /** Accuracy of the mean of the passes. */
  accuracy: number;
  /** Accuracy of the mean of the first 1, 2, … passes. */
  accuracyByPasses: number[];
  /** Mean softmax output, count × 10, row-major. */
  probabilities: Float32Array;
}

/**
 * Test-time augmentation: the mean of the model's softmax outputs over several passes through the test set, each
 * image freshly augmented, in the set's order.
 */
export async function testTimeAugment(
  modelFolder: string,
  set: ImageSet,
  options: TtaOptions,
): Promise<TtaResult> {
  const { model } = await loadModel(modelFolder);
  const plain = evaluationBatches(set);
  const source = createBatchSource({
    images: set.images,
    labels: set.labels,
    imageShape: [IMAGE_SIDE, IMAGE_SIDE, IMAGE_CHANNELS],
    batchSize: Math.min(options.batchSize, EVALUATION_BATCH),
    augment: options.augment,
    seed: options.seed,
    stream: STREAM.testTimeAugment,
    workers: options.workers,
  });
  try {
    const order = naturalOrder(set.count);
    const plainAccuracy = classAccuracy(
      await predictPass(model, plain, 0, order, options.signal),
      set.labels,
    );
    const sum = new Float64Array(set.count * CLASS_NAMES.length);
    const accuracyByPasses: number[] = [];
    for (let pass = 0; pass < options.passes; pass++) {
      const probabilities = await predictPass(model, source, pass, order, options.signal);
      for (let i = 0; i < sum.length; i++) sum[i] += probabilities[i];
      accuracyByPasses.push(classAccuracy(sum, set.labels));
      options.onPass?.(pass + 1, accuracyByPasses[pass]);
    }
    const probabilities = Float32Array.from(sum, (value) => value / options.passes);
    return {
      plainAccuracy,
      accuracy: classAccuracy(probabilities, set.labels),
      accuracyByPasses,
      probabilities,
    };
  } finally {
    await source.close();
    await plain.close();
    model.dispose();
  }
}
