import { loadAugment } from '../dataset/augment/index.js';
import { type BatchSource, createBatchSource, sourceOf } from '../dataset/batches/index.js';
import type { ImageSet } from '../dataset/imageSet.js';
import { STREAM } from '../util/rng.js';
import { EVALUATION_BATCH } from './atOnce.js';

/** Plain batches of images, scaled only; prepared in this thread, since that costs next to nothing. */
export function evaluationBatches(images: ImageSet): BatchSource {
  return createBatchSource({
    ...sourceOf(images),
    batchSize: EVALUATION_BATCH,
    augment: loadAugment('none'),
    seed: 0,
    stream: STREAM.augment,
    workers: 0,
  });
}
