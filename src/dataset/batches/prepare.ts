import { createAugmenter, type AugmenterSettings } from '../augment/index.js';
import { mixBatch, type Mixing } from '../mixing/index.js';
import { createShrink, type ShrinkBatch } from './shrink.js';
import type { Slot } from './slots.js';

/** What decides a batch's images, besides their indices and the epoch. */
export interface PrepareSettings extends AugmenterSettings {
  /**
   * Sides of the square images of the first epochs, pixels, at most the smaller side of the images as they are, undefined for these, which later
   * epochs have, too.
   */
  readonly smallSizes?: readonly (number | undefined)[];
}

/** Fills the images of a slot from its indices, mixes them if there is a mixing, and shrinks them where the epoch's are smaller. */
export type PrepareBatch = (slot: Slot, size: number, epoch: number, mixing: Mixing | undefined) => void;

/**
 * The work on one batch, the same on every thread.
 * @param images the whole set, uint8, NHWC
 */
export function createPrepareBatch(images: Uint8Array, settings: PrepareSettings): PrepareBatch {
  const [height, width, channels] = settings.imageShape;
  const length = height * width * channels;
  const augmenter = createAugmenter(settings);
  const shrinks = new Map<number, ShrinkBatch>();
  for (const side of settings.smallSizes ?? []) {
    if (side !== undefined) shrinks.set(side, createShrink(settings.imageShape, side));
  }
  return (slot, size, epoch, mixing) => {
    for (let k = 0; k < size; k++) augmenter.augment(images, slot.indices[k], epoch, slot.images, k * length);
    if (mixing) mixBatch(slot.images, size, settings.imageShape, mixing);
    const side = settings.smallSizes?.[epoch];
    if (side !== undefined) shrinks.get(side)?.(slot.images, size);
  };
}
