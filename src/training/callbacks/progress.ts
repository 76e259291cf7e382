import { imagesPerSecond, stepsDone, stepsOfEpoch, totalSteps, trainedImages } from '../position.js';
import { stepFlops, stretches } from '../stretches.js';
import type { Training } from '../training.js';
import type { Callback } from './callback.js';

/** Tells whoever watches. */
export function progress(training: Training): Callback {
  const { folder, config, position, record, reporter, net, course } = training;
  const steps = totalSteps(config.epochs, position.stepsPerEpoch);
  const { epochs } = config;
  return {
    name: 'the progress',
    onlyReports: true,
    fitBegin: () => reporter.started(folder.path, record, position),
    stepEnd() {
      const done = stepsDone(position, config.epochs);
      // A step's time follows its arithmetic.
      const left = stepFlops(stretches(done, steps, course), trainedImages(config), net.trainingFlopsAt);
      const [now] = stretches(done - 1, done, course);
      const perImage = net.trainingFlopsAt(now);
      reporter.stepped({
        epoch: position.epoch,
        epochs,
        step: position.stepInEpoch,
        steps: stepsOfEpoch(position, config.epochs),
        loss: position.lossSum / position.imagesSeen,
        accuracy: position.correct / position.imagesSeen,
        imagesPerSecond: imagesPerSecond(position),
        imagesLeft: left / perImage,
      });
    },
    evaluationBegin: (images) => reporter.validating(images),
    epochEnd({ record: entry, isBest, isComplete }) {
      if (isComplete) reporter.epochEnded(entry, epochs, isBest);
    },
    dispose: () => reporter.ended(),
  };
}
