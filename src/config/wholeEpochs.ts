/** Keeps the rounding of a product such as 1.1 × 10 from adding an epoch, or an update. */
export const ROUNDING = 1e-9;

/** Epochs of a run, a last, partial one counted whole. */
export function wholeEpochs(epochs: number): number {
  return Math.ceil(epochs - ROUNDING);
}
