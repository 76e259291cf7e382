import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatConfig, readConfigFile } from '../../src/config/configFile.js';
import { RECIPE_NAMES } from '../../src/config/recipeNames.js';
import { RECIPES } from '../../src/config/recipes.js';
import { checkOptions, resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { TRAIN_OPTIONS } from '../../src/config/trainOptions.js';
import { loadAugment } from '../../src/dataset/augment/index.js';
import { NETS } from '../../src/nets/index.js';
import { temporaryFolder } from '../helpers/folders.js';

describe.each(RECIPE_NAMES)('recipe %s', (name) => {
  it('holds options that the table allows, of a net and an augmentation that exist', () => {
    const recipe = RECIPES[name];
    expect(checkOptions({ ...recipe })).toEqual(recipe);
    expect(Object.keys(NETS)).toContain(recipe.model);
    expect(() => loadAugment(String(recipe.augment))).not.toThrow();
    expect(resolveTrainConfig({ recipe: name })).toMatchObject({ ...recipe, recipe: name });
  });

  it('resolves to itself from the file of a run', () => {
    const config = resolveTrainConfig({ recipe: name }, { seed: 3, epochs: 2.5 });
    expect(resolveTrainConfig(config)).toEqual(config);
    const path = join(temporaryFolder(), 'config.yaml');
    writeFileSync(path, formatConfig(config));
    expect(resolveTrainConfig(readConfigFile(path))).toEqual(config);
  });
});

describe('a recipe', () => {
  it('lies beneath the options given beside it, in any order', () => {
    const expected = { model: 'fast94', epochs: 4, batchSize: 512, normRate: 64, labelSmoothing: 0 };
    expect(
      resolveTrainConfig({ epochs: 4, batchSize: 512, labelSmoothing: 0, recipe: 'fast94-sgd' }),
    ).toMatchObject(expected);
    expect(
      resolveTrainConfig({ recipe: 'fast94-sgd' }, { epochs: 4, batchSize: 512, labelSmoothing: 0 }),
    ).toMatchObject(expected);
  });

  it('goes before what an earlier source says, as a file beside the command line', () => {
    const file = { recipe: 'fast96' as const, epochs: 3, seed: 7 };
    const config = resolveTrainConfig(file, { recipe: 'fast94-sgd' });
    expect(config).toMatchObject({ ...RECIPES['fast94-sgd'], recipe: 'fast94-sgd', seed: 7 });
  });

  it('is none unless asked for', () => {
    expect(resolveTrainConfig()).toEqual(resolveTrainConfig({ recipe: 'none' }));
    for (const [key, { default: value }] of Object.entries(TRAIN_OPTIONS)) {
      expect(resolveTrainConfig()).toHaveProperty(key, value);
    }
  });

  it('is refused by another name, with the nearest', () => {
    expect(() => checkOptions({ recipe: 'fast49' })).toThrow(
      '--recipe: expected one of none, fast94, fast94-2026, fast94-sgd, fast94-muon, fast95, fast95-muon, fast96, fast, got "fast49". Did you mean "fast94"?',
    );
  });

  it('gives way to another optimizer or schedule, which its own settings do not apply to', () => {
    const adam = resolveTrainConfig({ recipe: 'fast94-sgd', optimizer: 'adam', learningRate: 0.001 });
    expect(resolveTrainConfig(adam)).toEqual(adam);
    expect(resolveTrainConfig({ recipe: 'fast96', schedule: 'cosine' }).schedule).toBe('cosine');
    expect(() => resolveTrainConfig({ recipe: 'fast94-sgd', optimizer: 'adam', momentum: 0.5 })).toThrow(
      /--momentum applies to --optimizer sgd or muon only/,
    );
  });

  it('may be trained on all images of a batch instead of the hard ones', () => {
    expect(resolveTrainConfig({ recipe: 'fast96', hardShare: 1 })).toMatchObject({
      hardShare: 1,
      epochs: 45,
    });
  });

  it.each([
    [{ ema: 0.99 }, /--lookahead and --ema .* set one of them to 0/],
    [{ muonRate: 0.1 }, /--muon-rate applies to --optimizer muon only, and --optimizer is sgd/],
    [{ momentum: 0 }, /--nesterov needs/],
  ])('fast94 contradicts %j', (given, message) => {
    expect(() => resolveTrainConfig({ recipe: 'fast94-sgd', ...given })).toThrow(message);
  });

  it('may have a running average in place of its lookahead', () => {
    expect(resolveTrainConfig({ recipe: 'fast94-sgd', lookahead: 0, ema: 0.99 })).toMatchObject({
      lookahead: 0,
      ema: 0.99,
    });
  });
});
