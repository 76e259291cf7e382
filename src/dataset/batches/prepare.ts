import { createAugmenter, type AugmenterSettings } from '../augment/index.js';
import { mixBatch, type Mixing } from '../mixing/index.js';
import type { Slot } from './slots.js';

/** Fills the images of a slot from its indices, and mixes them if there is a mixing. */
export type PrepareBatch = (slot: Slot, size: number, epoch: number, mixing: Mixing | undefined) => void;

/**
 * The work on one batch, the same on every thread.
 * @param images the whole set, uint8, NHWC
 */
export function createPrepareBatch(images: Uint8Array, settings: AugmenterSettings): PrepareBatch {
  const [height, width, channels] = settings.imageShape;
  const length = height * width * channels;
  const augmenter = createAugmenter(settings);
  return (slot, size, epoch, mixing) => {
    for (let k = 0; k < size; k++) augmenter.augment(images, slot.indices[k], epoch, slot.images, k * length);
    if (mixing) mixBatch(slot.images, size, settings.imageShape, mixing);
  };
}
