import { TensorBoardWriter } from '../../io/tensorboard.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** The epochs' figures for TensorBoard. */
export function tensorBoard({ folder, position }: Training): Callback {
  let writer: TensorBoardWriter | undefined;
  return {
    name: "TensorBoard's file",
    onlyReports: true,
    fitBegin() {
      writer = new TensorBoardWriter(folder.path, { firstStep: position.epoch });
    },
    epochEnd({ record, validation, isComplete }) {
      if (!isComplete) return;
      writer?.scalars(record.epoch, {
        'loss/train': record.trainLoss,
        'accuracy/train': record.trainAccuracy,
        ...(validation && {
          'loss/validation': validation.loss,
          'accuracy/validation': validation.accuracy,
        }),
        learning_rate: record.learningRate,
        images_per_second: record.imagesPerSecond,
      });
      writer?.flush();
    },
    dispose: () => writer?.close(),
  };
}
