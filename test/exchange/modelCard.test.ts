import { describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import type { Evaluation } from '../../src/evaluation/evaluate.js';
import { type ModelCard, modelCard } from '../../src/exchange/modelCard.js';
import type { RunRecord, RunStatus } from '../../src/runs/runRecord.js';

function cardOf(
  options: Partial<TrainConfig>,
  status: RunStatus = 'finished',
  more: Partial<RunRecord> = {},
  card: Partial<ModelCard> = {},
): string {
  const config = resolveTrainConfig(options);
  const record = {
    ...{ config, status },
    ...{ parameters: 9, trainImages: 50_000, trainingSeconds: 90, petaflop: 3.1 },
    hardware: { cores: 2, cpu: 'a CPU' },
    versions: { cifar: '1', tfjs: '4', node: '20' },
    backend: { name: 'onednn' },
    validatedOn: 'test set',
    last: { epoch: config.epochs - 1 },
    imagesTrained:
      config.epochs * Math.floor(50_000 / config.batchSize) * Math.round(config.batchSize * config.hardShare),
    ...more,
  } as unknown as RunRecord;
  const evaluation = {
    ...{ images: 10_000, accuracy: 0.96, loss: 0.4 },
    calibration: { loss: 0.4, expectedError: 0.1 },
    calibrated: { temperature: 1, from: 'nothing', loss: 0.4, expectedError: 0.1 },
    classes: [{ name: 'frog', precision: 0.9, recall: 0.8, f1: 0.85 }],
  } as unknown as Evaluation;
  return modelCard({
    ...{ name: 'given', record, float16: true, format: 'tfjs' },
    ...{ evaluation, tta: undefined, modelBytes: 4e6 },
    ...{ usesGelu: true, isWholeTestSet: true, ...card },
  });
}

describe('the command on a model card', () => {
  it('names the recipe when the run is that recipe’s, whatever it ran on', () => {
    expect(cardOf({ recipe: 'fast94-sgd', seed: 7, threads: 2, dataDir: 'elsewhere' })).toContain(
      'npx cifar train --recipe fast94-sgd --seed 7\n',
    );
  });

  it.each<Partial<TrainConfig>>([
    { recipe: 'fast94-sgd', epochs: 5 },
    { recipe: 'fast94-sgd', validationSplit: 0.1 },
    { model: 'deep', augment: 'strong' },
  ])('takes the run’s own options for %j', (options) => {
    expect(cardOf({ ...options, seed: 3 })).toContain(
      'npx cifar train --config given/config.yaml --seed 3\n',
    );
  });
});

it('a model card of a run that was ended sooner takes its own options', () => {
  expect(cardOf({ recipe: 'fast94-sgd', maxTime: 60 }, 'out-of-time')).toContain(
    '--config given/config.yaml',
  );
});

it('a model card says that only the hard images were trained on', () => {
  expect(cardOf({ recipe: 'fast96' })).toContain(
    '45 epochs of batches of 1024 (of each the 50 % that `fast-proxy` found hardest), augmentation `fast4-cutout`',
  );
  expect(cardOf({ recipe: 'fast94-sgd' })).not.toContain('hardest');
});

describe('a model card follows the record', () => {
  const HELD_OUT: Partial<RunRecord> = {
    validatedOn: 'held-out training images',
    exported: 'best',
    best: { epoch: 1, loss: 1, accuracy: 0.5 },
  };

  it.each<[string, Parameters<typeof cardOf>, RegExp]>([
    ['the last epoch', [{}], /the last epoch's \(150\)\.\n/],
    [
      'the best, by held-out images',
      [{ validationSplit: 0.2 }, 'finished', HELD_OUT],
      /the best epoch's \(2\), which was chosen on held-out training images\.\n/,
    ],
    [
      'the best, by the test images',
      [{ validateEvery: 3 }, 'out-of-time', { ...HELD_OUT, validatedOn: 'test set' }],
      /chosen on these same test images \(one in 3 was looked at; the last, in part, was not\)/,
    ],
    [
      'epochs that were trained',
      [{ epochs: 200, maxTime: 60 }, 'out-of-time', { imagesTrained: 2 * 50_000 }],
      /2 epochs of 200, its time used up, of batches/,
    ],
    ['one epoch', [{ epochs: 1 }], /training images, 1 epoch of batches/],
    ['rate and schedule', [{ schedule: 'step' }], /adam at a step rate, at most 0\.001, label/],
    [
      'part of the test set',
      [{}, 'finished', {}, { isWholeTestSet: false }],
      /on the first 10,000 test images/,
    ],
    ['a run without a recipe', [{}], /looked at by many authors, so that/],
    ['the oldest tfjs', [{}, 'finished', {}, { usesGelu: false }], /with tfjs 3\.21 or newer/],
    ['the oldest tfjs with GELU', [{}], /with tfjs 4\.19 or newer/],
    [
      'an augmentation of its own',
      [{ augment: '/home/me/models/r/augment.json' }],
      /augmentation `augment\.json`/,
    ],
  ])('%s', (_name, given, text) => {
    expect(cardOf(...given)).toMatch(text);
  });
});
