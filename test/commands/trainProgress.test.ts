import { describe, expect, it } from 'vitest';
import { TrainProgress } from '../../src/commands/trainProgress.js';
import { history } from '../plots/support.js';

describe('progress of training, not on a terminal', () => {
  it.each([
    ['validated', {}, '  validation loss 2.1000  accuracy 30.00 % *'],
    ['not validated', { validationLoss: null, validationAccuracy: null }, ''],
  ])('is one line for an epoch that was %s', (_name, changes, validation) => {
    const lines: string[] = [];
    const progress = new TrainProgress((line) => void lines.push(line), false);
    const [record] = history(1, () => ({ trainLoss: 1.5, trainAccuracy: 0.4, ...changes }));
    progress.epochEnded({ ...record, learningRate: 0.1, seconds: 62, imagesPerSecond: 806.4 }, 12, true);
    expect(lines).toEqual([
      `Epoch  1/12  loss 1.5000  accuracy 40.00 %${validation}  rate 0.100  1 min 02 s  806.4 images/s`,
    ]);
  });
});
