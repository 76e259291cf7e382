import type { EpochRecord } from '../runs/history.js';
import type { RunRecord } from '../runs/runRecord.js';
import type { TrainingPosition } from './position.js';

/** Where training stands within an epoch. */
export interface StepReport {
  /** 0-based. */
  epoch: number;
  /** Of the whole training; may be a fraction. */
  epochs: number;
  /** Steps of the epoch that are done, of how many. */
  step: number;
  steps: number;
  /** Means over the epoch so far; nats and 0 to 1. */
  loss: number;
  accuracy: number;
  /** NaN until a step of the epoch is timed: one that a stop of the process interrupted is not. */
  imagesPerSecond: number;
  /** Arithmetic to the end of training, in images of this step's size. */
  imagesLeft: number;
}

/** Told what training does; training itself prints nothing. */
export interface TrainReporter {
  started(folder: string, record: RunRecord, from: TrainingPosition): void;
  /** Something the user should know that is no error. */
  note(line: string): void;
  stepped(report: StepReport): void;
  validating(images: number): void;
  epochEnded(record: EpochRecord, epochs: number, isBest: boolean): void;
  ended(): void;
}

/** Hears everything and says nothing. */
export const SILENT: TrainReporter = {
  started: () => undefined,
  note: () => undefined,
  stepped: () => undefined,
  validating: () => undefined,
  epochEnded: () => undefined,
  ended: () => undefined,
};
