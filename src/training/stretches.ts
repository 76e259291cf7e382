/** Updates in a row on images of one size. */
export interface Stretch {
  /** Updates made before the first of them, and before the first after them. */
  readonly from: number;
  readonly to: number;
  /** Side of the images, pixels; undefined at the data set's size. */
  readonly side: number | undefined;
}

/**
 * The updates of a training by the size of their images.
 * @param from, to updates made before the first, and with the last
 * @param smallSizes sides of the first epochs' images, as `smallSizes` gives them
 */
export function stretches(
  from: number,
  to: number,
  stepsPerEpoch: number,
  smallSizes: readonly (number | undefined)[],
): Stretch[] {
  const found: Stretch[] = [];
  for (let start = from; start < to;) {
    const epoch = Math.floor(start / stepsPerEpoch);
    const end = epoch < smallSizes.length ? Math.min(to, (epoch + 1) * stepsPerEpoch) : to;
    found.push({ from: start, to: end, side: smallSizes[epoch] });
    start = end;
  }
  return found;
}

/**
 * Arithmetic of a net's training steps: three times that of a forward pass an image.
 * @param images of an update
 * @param flopsAt of one image of a side, forward
 */
export function stepFlops(
  made: readonly Stretch[],
  images: number,
  flopsAt: (side: number | undefined) => number,
): number {
  return made.reduce((sum, { from, to, side }) => sum + 3 * flopsAt(side) * (to - from) * images, 0);
}
