import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatConfig, readConfigFile } from '../../src/config/configFile.js';
import { checkOptions, defaultStepEpochs, resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { lastingFolder } from '../helpers/folders.js';

const folder = lastingFolder();

describe('resolveTrainConfig', () => {
  it("defaults to the article's protocol", () => {
    expect(resolveTrainConfig()).toMatchObject({
      batchSize: 500,
      epochs: 150,
      optimizer: 'adam',
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
      schedule: 'constant',
      validationSplit: 0,
    });
  });

  it('lets later sources win', () => {
    expect(resolveTrainConfig({ epochs: 3, seed: 5 }, { epochs: 4 })).toMatchObject({ epochs: 4, seed: 5 });
  });

  it.each([
    [{ momentum: 0.5 }, /--momentum applies to --optimizer sgd or muon only/],
    [{ optimizer: 'sgd' as const, beta1: 0.5 }, /--beta1 applies to --optimizer adam or adamw only/],
    [{ stepEpochs: [1], stepFactors: [0.1] }, /--step-epochs applies to --schedule step only/],
    [
      { schedule: 'step' as const, stepEpochs: [1, 2, 3] },
      /as many of one as of the other, got 3 \(1,2,3\) and 2/,
    ],
    [{ schedule: 'step' as const, stepFactors: [0.1] }, /got 2 \(100,140\) and 1/],
    [{ validationSplit: 0.1, limitTest: 100 }, /--limit-test has no effect with --validation-split/],
    [{ schedule: 'step' as const, stepEpochs: [5, 4] }, /rising order, got 5,4/],
    [{ optimizer: 'sgd' as const, nesterov: true, momentum: 0 }, /--nesterov needs/],
    [{ muonRate: 0.1 }, /--muon-rate applies to --optimizer muon only, and --optimizer is adam/],
    [{ proxy: 'bench' as const }, /--proxy picks the images of --hard-share: give a --hard-share below 1/],
    [
      { optimizer: 'sgd' as const, muonMomentum: 0.9 },
      /--muon-momentum applies to --optimizer muon only, and --optimizer is sgd: leave one out/,
    ],
    [{ weightDecay: 0.1 }, /--weight-decay applies to --optimizer sgd or muon or adamw only/],
    [{ decayAll: true }, /--decay-all applies to --optimizer sgd or muon or adamw only/],
    [{ peakAt: 0.5 }, /--peak-at applies to --schedule triangle only, and --schedule is constant/],
    [{ lookahead: 5, ema: 0.99 }, /--lookahead and --ema both average the weights: set one of them to 0/],
    [{ lookaheadDecay: 0.9 }, /--lookahead-decay needs --lookahead above 0/],
    [{ whiteningDecay: true }, /--whitening-decay needs --whitening-epochs above 0/],
    [{ epochs: 2, warmupEpochs: 3 }, /--warmup-epochs: expected at most --epochs \(2\), got 3/],
    [{ microBatch: 501 }, /--micro-batch: expected at most --batch-size \(500\), got 501/],
  ])('refuses %j', (given, message) => {
    expect(() => resolveTrainConfig(given)).toThrow(message);
  });
});

describe('a resolved configuration', () => {
  it.each([1, 2, 3, 30, 150])('resolves to itself, step schedule over %i epochs', (epochs) => {
    const config = resolveTrainConfig({ schedule: 'step', epochs });
    expect(resolveTrainConfig(config)).toEqual(config);
  });
});

describe('checkOptions', () => {
  it('refuses unknown keys with the nearest', () => {
    expect(() => checkOptions({ epoch: 3 })).toThrow(/Unknown option --epoch\. Did you mean "epochs"\?/);
  });
});

describe('defaultStepEpochs', () => {
  it("is the article's for 150 epochs and in proportion for others", () => {
    expect(defaultStepEpochs(150)).toEqual([100, 140]);
    expect(defaultStepEpochs(30)).toEqual([20, 28]);
    expect(defaultStepEpochs(0.75)).toEqual([0.5, 0.7]);
  });
});

describe('configuration files', () => {
  it('give back what was saved', () => {
    const config = resolveTrainConfig({ model: 'deep', schedule: 'step', stepEpochs: [3, 4], maxTime: 60 });
    const path = join(folder, 'config.yaml');
    writeFileSync(path, formatConfig(config));
    expect(resolveTrainConfig(readConfigFile(path))).toEqual(config);
  });

  it('may be JSON', () => {
    const path = join(folder, 'config.json');
    writeFileSync(path, '{"model": "deep", "epochs": 3}');
    expect(readConfigFile(path)).toEqual({ model: 'deep', epochs: 3 });
  });

  it.each([
    ['a list', '- 1', /expected keys and values/],
    [
      'an unknown key',
      'modle: deep',
      /config: Unknown|Unknown option .*bad\.yaml: modle\. Did you mean "model"\?/,
    ],
    ['a bad value', 'model: deeep', /bad\.yaml: model: expected one of bench, deep.*Did you mean "deep"\?/],
    ['broken YAML', 'a: [', /Cannot read the configuration/],
  ])('refuse %s', (_name, text, message) => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, text);
    expect(() => readConfigFile(path)).toThrow(message);
  });

  it('must be there', () => {
    expect(() => readConfigFile(join(folder, 'none.yaml'))).toThrow(
      /Cannot read the configuration .*none\.yaml: there is no such file/,
    );
  });
});
