import type { LossAndAccuracy } from '../../evaluation/metrics.js';
import type { EpochRecord } from '../../runs/history.js';
import type { RunStatus } from '../../runs/runRecord.js';

/** What an epoch has come to. */
export interface EpochEnd {
  /** Its line of the history. */
  record: EpochRecord;
  /** False when the time was up within it: its steps so far are judged, and none of its files but the last model is due. */
  isComplete: boolean;
  /** Set by validation, in an epoch that is validated. */
  validation?: LossAndAccuracy;
  /** Whether the validation is the best so far. */
  isBest: boolean;
}

/** How training has ended. */
export type FitEnd = Exclude<RunStatus, 'running'>;

/**
 * One effect of training. The trainer calls each hook of all callbacks, one after the other in the order of the list, and
 * awaits it; hooks that are missing do nothing.
 */
export interface Callback {
  /** The effect in a few words, for messages. */
  readonly name: string;
  /** It reports and no more, a picture or a log: when it fails, that is said once and training goes on. */
  readonly onlyReports?: true;
  /** Before the first step. */
  fitBegin?(): Promise<void> | void;
  /** After each step. Synchronous, since some nets make hundreds a second. */
  stepEnd?(): void;
  /** Before so many images are looked at. */
  evaluationBegin?(images: number): Promise<void> | void;
  /**
   * The epoch's steps are done, and judging it is due. The averaged weights, where there are any, are in place.
   * An error while the signal is aborted counts as the interruption.
   */
  validate?(epoch: EpochEnd, signal: AbortSignal | undefined): Promise<void> | void;
  /** The time is up within an epoch, before the average is finished and the state judged. */
  timeUp?(): Promise<void> | void;
  /** The epoch has been judged, and the position stands at the next one's beginning (where it was complete). */
  epochEnd?(epoch: EpochEnd): Promise<void> | void;
  /** After the last epoch; otherwise as `validate`. */
  finalEvaluation?(signal: AbortSignal | undefined): Promise<void> | void;
  /** Training has ended, whatever the reason. */
  fitEnd?(end: FitEnd): Promise<void> | void;
  /** Gives back what it holds; called once, after everything else. */
  dispose?(): Promise<void> | void;
}
