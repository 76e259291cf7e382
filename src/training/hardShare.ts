import type { TrainConfig } from '../config/trainOptions.js';
import { loadAugment } from '../dataset/augment/index.js';
import { mixesImages } from '../dataset/mixing/index.js';
import type { NetName } from '../nets/names.js';
import { UsageError } from '../util/errors.js';
import { trainedImages } from './position.js';

/**
 * What can be wrong with a run on hard images, to be known before it begins.
 * @throws UsageError when images are mixed in pairs, whose labels are not one image's, or when all of a batch would be picked
 */
export function checkHardShare(config: TrainConfig): void {
  const { hardShare, batchSize } = config;
  if (hardShare === 1) return;
  if (trainedImages(config) === batchSize) {
    throw new UsageError(
      `--hard-share: expected a share that leaves out an image of a batch of ${batchSize}, got ${hardShare}.`,
    );
  }
  if (mixesImages(loadAugment(config.augment))) {
    throw new UsageError(
      '--hard-share picks single images, and an augmentation with mixup or cutmix makes pairs of them: leave one out.',
    );
  }
}

/** The net that picks: as asked, else the one whose first weights suit the optimizer. */
export function proxyOf({ proxy, optimizer }: Pick<TrainConfig, 'proxy' | 'optimizer'>): NetName {
  if (proxy !== 'auto') return proxy;
  return optimizer === 'muon' ? 'fast-proxy-muon' : 'fast-proxy';
}
