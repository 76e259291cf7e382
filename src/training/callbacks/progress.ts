import { imagesPerSecond, stepsDone, stepsOfEpoch, totalSteps, trainedImages } from '../position.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Tells whoever watches. */
export function progress({ folder, config, position, record, reporter }: Training): Callback {
  const steps = totalSteps(config.epochs, position.stepsPerEpoch);
  const { epochs } = config;
  return {
    name: 'the progress',
    onlyReports: true,
    fitBegin: () => reporter.started(folder.path, record, position),
    stepEnd() {
      const speed = imagesPerSecond(position);
      const left = steps - stepsDone(position, config.epochs);
      reporter.stepped({
        epoch: position.epoch,
        epochs,
        step: position.stepInEpoch,
        steps: stepsOfEpoch(position, config.epochs),
        loss: position.lossSum / position.imagesSeen,
        accuracy: position.correct / position.imagesSeen,
        imagesPerSecond: speed,
        secondsLeft: (left * trainedImages(config)) / speed,
      });
    },
    evaluationBegin: (images) => reporter.validating(images),
    epochEnd({ record: entry, isBest, isComplete }) {
      if (isComplete) reporter.epochEnded(entry, epochs, isBest);
    },
    dispose: () => reporter.ended(),
  };
}
