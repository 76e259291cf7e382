/** What training reports after each epoch; the trainer's own record has at least these fields. */
export interface EpochRecord {
  /** 0-based number of the epoch. */
  epoch: number;
  /** Passes over the training images made by its end: 1 after the first epoch, and a fraction after a last, partial one. */
  epochsTrained?: number;
  /** Mean cross-entropy over the epoch's training steps, natural logarithm; NaN if training diverged. */
  trainLoss: number;
  /** Share of right answers over the epoch's training steps, 0…1. */
  trainAccuracy: number;
  /** Cross-entropy on the validation images after the epoch; null when it was not validated. */
  validationLoss: number | null;
  /** Share of right answers on the validation images after the epoch, 0…1; null when it was not validated. */
  validationAccuracy: number | null;
  /** Learning rate of the epoch's last step. */
  learningRate: number;
  /** Wall-clock time of the epoch, seconds. */
  seconds: number;
  /** Training images a second. */
  imagesPerSecond: number;
}

/** A run to compare with others. */
export interface RunHistory {
  name: string;
  history: readonly EpochRecord[];
  /** Which images the validation was made on, in a word: `test`, `held-out`. */
  measuredOn?: string;
}

/** Passes made by the end of an epoch; the first histories do not say, and count a partial epoch whole. */
export function passesOf({ epoch, epochsTrained }: Pick<EpochRecord, 'epoch' | 'epochsTrained'>): number {
  return epochsTrained ?? epoch + 1;
}

/** One picture in both forms: the drawing, and its pixels (PNG file content, twice the drawing's size). */
export interface Picture {
  svg: string;
  png: Uint8Array;
}
