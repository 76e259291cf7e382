import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { TrainOptions } from '../../src/training/train.js';
import type { TrainReporter } from '../../src/training/reporter.js';

/** Hears everything and says nothing. */
export const SILENT: TrainReporter = {
  started: () => undefined,
  note: () => undefined,
  stepped: () => undefined,
  validating: () => undefined,
  epochEnded: () => undefined,
  ended: () => undefined,
};

/** Options of a training that nobody watches. */
export const QUIET: TrainOptions = { dataset: CIFAR10, reporter: SILENT };
