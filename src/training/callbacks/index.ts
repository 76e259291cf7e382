import type { Training } from '../training.js';
import { busyMachine } from './busyMachine.js';
import type { Callback } from './callback.js';
import { checkpoint } from './checkpoint.js';
import { curves } from './curves.js';
import { finalViews } from './finalViews.js';
import { keptStates } from './keptStates.js';
import { historyFiles } from './historyFiles.js';
import { bestModel, lastModel } from './models.js';
import { ownership } from './ownership.js';
import { progress } from './progress.js';
import { runRecord } from './runRecord.js';
import { tensorBoard } from './tensorBoard.js';
import { validation } from './validation.js';

export type { Callback, EpochEnd, FitEnd } from './callback.js';
export { CallbackList } from './callbackList.js';

/**
 * What happens beside training, in this order. The checkpoint comes after the models, so that a kill repeats an epoch's end
 * rather than losing it; the record after the checkpoint, whose state it describes.
 */
export const CALLBACKS: readonly ((training: Training) => Callback)[] = [
  validation,
  finalViews,
  ownership,
  bestModel,
  lastModel,
  historyFiles,
  tensorBoard,
  curves,
  checkpoint,
  keptStates,
  runRecord,
  progress,
  busyMachine,
];
