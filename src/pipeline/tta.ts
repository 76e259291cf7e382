import { join } from 'node:path';
import { loadAugment } from '../dataset/augment/index.js';
import { createBatchSource } from '../dataset/batches/index.js';
import { CLASS_NAMES } from '../dataset/imageSet.js';
import { IMAGE_CHANNELS, IMAGE_SIDE, type ImageSet } from '../dataset/imageSet.js';
import { loadModel } from '../io/modelFiles.js';
import { writeNpy } from '../io/npy.js';
import { writeFileAtomic } from '../util/files.js';
import { STREAM } from '../util/rng.js';
import { classAccuracy } from './metrics.js';
import { naturalOrder, predictPass } from './predict.js';
import { evaluationBatches } from './trainSetup.js';

export interface TtaOptions {
  passes: number;
  /** Name of a preset or path of a JSON file. */
  augment: string;
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
    batchSize: options.batchSize,
    augment: loadAugment(options.augment),
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

/** What stands beside a prediction array. */
export interface PredictionRecord {
  run: string;
  weights: 'last' | 'best';
  images: number;
  seed: number;
  passes: number;
  augment: string;
  plainAccuracy: number;
  accuracy: number;
  accuracyByPasses: number[];
}

/** Writes `<name>.npy` (count × 10, f4) and, after it, `<name>.json`. */
export function savePredictions(
  folder: string,
  name: string,
  probabilities: Float32Array,
  record: PredictionRecord,
): string {
  const path = join(folder, `${name}.npy`);
  writeNpy(path, probabilities, [record.images, CLASS_NAMES.length]);
  writeFileAtomic(join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  return path;
}
