import { loadAugment } from '../dataset/augment/index.js';
import { mixesImages } from '../dataset/mixing/index.js';

/** An augmentation that a run was trained with, if passes of tests can be made under it: it changes images, and mixes none. */
export function usableAugment(augment: string): string | undefined {
  const config = loadAugment(augment);
  return Object.keys(config).length === 0 || mixesImages(config) ? undefined : augment;
}
