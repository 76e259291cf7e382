import { performance } from 'node:perf_hooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { TrainProgress } from '../../src/commands/trainProgress.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { RunRecord } from '../../src/runs/runRecord.js';
import { freshPosition } from '../../src/training/position.js';
import { history } from '../plots/support.js';

/** A training that has begun, and takes steps of so many milliseconds. */
function timedTraining(): { lines: string[]; step: (number: number, ms: number) => void } {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
  const lines: string[] = [];
  const progress = new TrainProgress((line) => void lines.push(line), false);
  const config = resolveTrainConfig({ batchSize: 200, validateEvery: 50 });
  const record = {
    ...{ config, backend: { name: 'wasm', why: 'asked for' }, starts: [{ precision: 'f32', threads: 1 }] },
    ...{ parameters: 1, trainImages: 20_000, validationImages: 1000, validatedOn: 'test set' },
  } as RunRecord;
  progress.started('models/run', record, freshPosition(100));
  lines.length = 0;
  const report = { epoch: 0, epochs: 150, steps: 100, loss: 2, accuracy: 0.2, imagesPerSecond: 200 };
  return {
    lines,
    step: (number, ms) => {
      now += ms;
      progress.stepped({ ...report, step: number, imagesLeft: 7_600_000 });
    },
  };
}

describe('progress of training, not on a terminal', () => {
  it.each([
    ['nowhere yet', { epoch: 0, stepInEpoch: 0 }, undefined],
    ['within an epoch', { epoch: 1, stepInEpoch: 7 }, 'Going on at epoch 2, step 8'],
    ['at the end of an epoch', { epoch: 0, stepInEpoch: 10 }, 'Going on at the validation of epoch 1'],
    [
      'at the end of a last, partial one',
      { epoch: 1, stepInEpoch: 9 },
      'Going on at the validation of epoch 2',
    ],
    ['after all of them', { epoch: 2, stepInEpoch: 0 }, 'Going on after the last epoch'],
  ])('says where a run goes on that stands %s', (_name, position, expected) => {
    const lines: string[] = [];
    const config = resolveTrainConfig({ model: 'bench', epochs: 1.9 });
    const record = {
      ...{ config, backend: { name: 'wasm', why: 'asked for' } },
      starts: [{ precision: 'f32', threads: 1 }],
    } as RunRecord;
    Object.assign(record, { parameters: 1, trainImages: 1, validationImages: 1, validatedOn: 'test set' });
    const progress = new TrainProgress((line) => void lines.push(line), false);
    progress.started('models/run', record, { ...freshPosition(10), ...position });
    expect(lines.find((line) => line.startsWith('Going on'))).toBe(expected);
  });

  it.each([
    ['validated', {}, '  test loss 2.1000  accuracy 30.00 % *'],
    ['not validated', { validationLoss: null, validationAccuracy: null }, ''],
  ])('is one line for an epoch that was %s', (_name, changes, validation) => {
    const lines: string[] = [];
    const progress = new TrainProgress((line) => void lines.push(line), false);
    const [record] = history(1, () => ({ trainLoss: 1.5, trainAccuracy: 0.4, ...changes }));
    progress.epochEnded({ ...record, learningRate: 0.1, seconds: 62, imagesPerSecond: 806.4 }, 12, true);
    // Before the first line what its words mean.
    expect(lines.splice(0, 1)).toEqual([
      '(loss: the mean of −ln of the probability given to the right class; *: the best epoch so far)',
    ]);
    expect(lines).toEqual([
      `Epoch  1/12  training loss 1.5000  accuracy 40.00 %${validation}  rate 0.100  1 min 02 s  806.4 images/s`,
    ]);
  });

  it('says once that the speed has fallen far below what it was', () => {
    const lines: string[] = [];
    const progress = new TrainProgress((line) => void lines.push(line), false);
    const [record] = history(1, () => ({}));
    for (const speed of [300, 310, 120, 90, 80, 300])
      progress.epochEnded({ ...record, imagesPerSecond: speed }, 12, false);
    expect(lines.filter((line) => line.startsWith('Note'))).toEqual([
      'Note: an epoch runs at 90 images/s, where 310 were reached: something else uses this machine. Beside other work --resume with --threads 1 may be faster.',
    ]);
  });

  it('counts a last, partial epoch as the part that it is', () => {
    const lines: string[] = [];
    const progress = new TrainProgress((line) => void lines.push(line), false);
    const [record] = history(1, () => ({ epoch: 4, epochsTrained: 4.5 }));
    progress.epochEnded(record, 4.5, false);
    expect(lines[1]).toMatch(/^Epoch 4\.5\/4\.5 {2}training loss/);
  });

  it('estimates the time once, after a few steps, and writes a line now and then within a long epoch', () => {
    const { lines, step } = timedTraining();
    for (let number = 1; number <= 80; number++) step(number, number === 1 ? 9000 : 1000);
    expect(lines).toEqual([
      // Nine seconds that the first step took, left out; 38,000 and four measurements at three times the speed.
      'Time expected: about 11 h',
      'Epoch 1/150, step 22/100: loss 2.0000, accuracy 20.00 %, 10 h 33 min left in all',
      expect.stringMatching(/^Epoch 1\/150, step 52\/100/),
    ]);
  });

  it('estimates the time by a step during which the process was not stopped', () => {
    const { lines, step } = timedTraining();
    [9000, 1000, 1_200_000].forEach((ms, i) => step(i + 1, ms));
    expect(lines).toContain('Time expected: about 11 h');
  });

  it('says nothing of the time that is left while no step of the epoch is timed', () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => void vi.restoreAllMocks());
    const lines: string[] = [];
    const progress = new TrainProgress((line) => void lines.push(line), false);
    now += 60_000;
    progress.stepped({
      ...{ epoch: 4, epochs: 8.875, step: 1, steps: 26, loss: 0.8623, accuracy: 0.8346 },
      ...{ imagesPerSecond: NaN, imagesLeft: 155_000 },
    });
    expect(lines).toEqual(['Epoch 5/8.875, step 1/26: loss 0.8623, accuracy 83.46 %']);
  });
});
