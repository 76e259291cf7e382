import type { View } from './viewImages.js';

/** A view and its part in the mean. */
export interface WeightedView {
  readonly view: View;
  readonly weight: number;
}

/** An image and its mirror image, which share a weight evenly. */
function mirrored(weight: number, move = 0): WeightedView[] {
  return [false, true].map((flip) => ({ view: { flip, dy: move, dx: move }, weight: weight / 2 }));
}

/**
 * Views whose logits are averaged with their weights, which sum to 1, by name: `none` is the image itself, `flip` adds
 * its mirror image, and `multicrop` gives half of the weight to these two and a quarter each to the window moved one
 * pixel up and left, and down and right, mirrored as well (crops at (0, 0) and (2, 2) of the image padded by 1).
 */
export const VIEW_PRESETS = Object.freeze({
  none: Object.freeze<WeightedView[]>([{ view: { flip: false, dy: 0, dx: 0 }, weight: 1 }]),
  flip: Object.freeze(mirrored(1)),
  multicrop: Object.freeze([...mirrored(1 / 2), ...mirrored(1 / 4, -1), ...mirrored(1 / 4, 1)]),
});

export type ViewPreset = keyof typeof VIEW_PRESETS;
