import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { TrainOptions } from '../../src/training/train.js';
import { SILENT } from '../../src/training/reporter.js';

export { SILENT };

/** Options of a training that nobody watches. */
export const QUIET: TrainOptions = { dataset: CIFAR10, reporter: SILENT };
