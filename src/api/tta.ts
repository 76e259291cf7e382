import type { ImageSet } from '../dataset/imageSet.js';
import { type MethodOptions, chooseMethod } from '../evaluation/chooseMethod.js';
import { ttaMethod } from '../evaluation/predictionFile.js';
import { type TtaResult, testTimeAugment } from '../evaluation/testTimeAugment.js';
import { readRunRecord } from '../runs/runRecord.js';
import { engineOf } from './engine.js';
import type { ModelOptions } from './evaluate.js';
import { defaultImages } from './loadCifar10.js';
import { type Run, runOf } from './run.js';

export interface TtaOptions extends ModelOptions, Partial<MethodOptions> {
  /** Default: the test images in `data`. */
  images?: ImageSet;
  /** Threads that prepare augmented passes; default 1. */
  workers?: number;
  /** Told after each augmented pass the accuracy of the mean so far. */
  onPass?: (passes: number, accuracy: number) => void;
}

/**
 * Test-time augmentation, as `cifar tta` does it: averages a model's answers to several views of each image.
 * @returns the averaged probabilities, count × classes, row-major, and what they are worth
 */
export async function tta(run: Run | string, options: TtaOptions = {}): Promise<TtaResult> {
  const { weights = 'last', images = defaultImages(), workers = 1, signal, onPass } = options;
  const { preset = 'auto', passes = 50, augment = 'auto', seed = 1, share = 1 } = options;
  const folder = runOf(run);
  const { config } = readRunRecord(folder);
  const { method } = ttaMethod(chooseMethod({ preset, passes, augment, seed, share }, options, config));
  await engineOf(options);
  return testTimeAugment(folder[weights], images, method, {
    ...{ batchSize: images.count, workers, config },
    ...(signal && { signal }),
    ...(onPass && { onPass }),
  });
}
