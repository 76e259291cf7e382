/** Updates in a row that take the same arithmetic. */
export interface Stretch {
  /** Updates made before the first of them, and before the first after them. */
  readonly from: number;
  readonly to: number;
  /** Side of the images, pixels; undefined at the data set's size. */
  readonly side: number | undefined;
  /** Whether the first group of convolutions is frozen. */
  readonly isFrozen: boolean;
}

/** What the arithmetic of a training's updates depends on. */
export interface Course {
  readonly stepsPerEpoch: number;
  /** Sides of the first epochs' images, as `smallSizes` gives them. */
  readonly smallSizes: readonly (number | undefined)[];
  /** Updates after which the first group is frozen, as `freezeBegin` gives them. */
  readonly freezeBegin: number;
}

/**
 * The updates of a training by the size of their images, and by what of the net they train.
 * @param from, to updates made before the first, and with the last
 */
export function stretches(
  from: number,
  to: number,
  { stepsPerEpoch, smallSizes, freezeBegin }: Course,
): Stretch[] {
  const found: Stretch[] = [];
  for (let start = from; start < to;) {
    const epoch = Math.floor(start / stepsPerEpoch);
    const isFrozen = start >= freezeBegin;
    const end = Math.min(
      epoch < smallSizes.length ? (epoch + 1) * stepsPerEpoch : to,
      isFrozen ? to : freezeBegin,
      to,
    );
    found.push({ from: start, to: end, side: smallSizes[epoch], isFrozen });
    start = end;
  }
  return found;
}

/**
 * Arithmetic of a net's training steps.
 * @param images of an update
 * @param flopsOf of one image in a training step
 */
export function stepFlops(
  made: readonly Stretch[],
  images: number,
  flopsOf: (stretch: Pick<Stretch, 'side' | 'isFrozen'>) => number,
): number {
  return made.reduce((sum, stretch) => sum + flopsOf(stretch) * (stretch.to - stretch.from) * images, 0);
}
