import { describe, expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import type { Evaluation } from '../../src/evaluation/evaluate.js';
import { modelCard } from '../../src/exchange/modelCard.js';
import type { RunRecord, RunStatus } from '../../src/runs/runRecord.js';

function cardOf(options: Partial<TrainConfig>, status: RunStatus = 'finished'): string {
  const config = resolveTrainConfig(options);
  const record = {
    ...{ config, status },
    ...{ parameters: 9, trainImages: 50_000, trainingSeconds: 90, petaflop: 3.1 },
    hardware: { cores: 2, cpu: 'a CPU' },
    versions: { cifar: '1', tfjs: '4', node: '20' },
    backend: { name: 'onednn' },
  } as unknown as RunRecord;
  const evaluation = {
    ...{ images: 10_000, accuracy: 0.96, loss: 0.4, calibration: { expectedError: 0.1 } },
    classes: [{ name: 'frog', precision: 0.9, recall: 0.8, f1: 0.85 }],
  } as unknown as Evaluation;
  return modelCard({
    ...{ name: 'given', record, float16: true },
    ...{ evaluation, tta: undefined, modelBytes: 4e6 },
    ...{ usesGelu: true, isWholeTestSet: true },
  });
}

describe('the command on a model card', () => {
  it('names the recipe when the run is that recipe’s, whatever it ran on', () => {
    expect(cardOf({ recipe: 'fast94', seed: 7, threads: 2, dataDir: 'elsewhere' })).toContain(
      'npx cifar train --recipe fast94 --seed 7\n',
    );
  });

  it.each<Partial<TrainConfig>>([
    { recipe: 'fast94', epochs: 5 },
    { recipe: 'fast94', validationSplit: 0.1 },
    { model: 'deep', augment: 'strong' },
  ])('takes the run’s own options for %j', (options) => {
    expect(cardOf({ ...options, seed: 3 })).toContain(
      'npx cifar train --config given/config.yaml --seed 3\n',
    );
  });
});

it('a model card of a run that was ended sooner takes its own options', () => {
  expect(cardOf({ recipe: 'fast94', maxTime: 60 }, 'out-of-time')).toContain('--config given/config.yaml');
});

it('a model card says that only the hard images were trained on', () => {
  expect(cardOf({ recipe: 'fast96' })).toContain(
    '45 epochs of batches of 1024 (of each the 50 % that `fast-proxy` found hardest), augmentation `fast4-cutout`',
  );
  expect(cardOf({ recipe: 'fast94' })).not.toContain('hardest');
});
