import { smallSizes } from '../config/imageSizes.js';
import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { type BatchSource, createBatchSource, sourceOf } from '../dataset/batches/index.js';
import type { Dataset } from '../dataset/descriptor.js';
import { type ImageSet, splitValidation } from '../dataset/imageSet.js';
import { loadTest, loadTrain } from '../dataset/load.js';
import { UsageError } from '../util/errors.js';
import { STREAM } from '../util/rng.js';

/** What a run trains on and is measured on. */
export interface TrainData {
  train: ImageSet;
  validation: ImageSet;
  validatedOn: 'test set' | 'held-out training images';
}

/** @throws UsageError when there are fewer images than a batch takes; as `loadTrain` does */
export function loadTrainData(dataset: Dataset, config: TrainConfig): TrainData {
  const { dataDir, limitTrain, limitTest, validationSplit, splitSeed, seed, batchSize } = config;
  const available = loadTrain(dataset, { dataDir, limit: limitTrain });
  const data: TrainData =
    validationSplit > 0
      ? {
          ...splitValidation(available, validationSplit, splitSeed || seed),
          validatedOn: 'held-out training images',
        }
      : {
          train: available,
          validation: loadTest(dataset, { dataDir, limit: limitTest }),
          validatedOn: 'test set',
        };
  if (data.train.count < batchSize) {
    throw new UsageError(
      `--batch-size: expected at most the ${data.train.count} training images there are, got ${batchSize}.`,
    );
  }
  return data;
}

/** Augmented, shuffled batches of the training images; a last partial batch is dropped. */
export function trainingBatches(config: TrainConfig, images: ImageSet): BatchSource {
  const { batchSize, augment, seed, workers } = config;
  return createBatchSource({
    ...sourceOf(images),
    ...{ batchSize, seed, workers, augment: loadAugment(augment) },
    smallSizes: smallSizes(config),
    stream: STREAM.augment,
    dropLast: true,
  });
}
