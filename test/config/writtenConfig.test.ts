import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readConfigFile } from '../../src/config/configFile.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { asWritten } from '../../src/config/writtenConfig.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { temporaryFolder } from '../helpers/folders.js';

/** Options that came with sizes by epoch, when `fast94` became another recipe. */
const NEWER: readonly (keyof TrainConfig)[] = [
  ...(['imageSizes', 'floorShare', 'tailAverage', 'tailDecay'] as const),
  ...(['muonCoefficients', 'muonRescale', 'muonDecay', 'clipNorm'] as const),
];

/** What the program wrote of a run of the recipe that was called fast94. */
function oldOptions(): Record<string, unknown> {
  const config = resolveTrainConfig({ recipe: 'fast94-sgd', seed: 7 });
  const kept = Object.entries(config).filter(([key]) => !NEWER.includes(key as keyof TrainConfig));
  return { ...Object.fromEntries(kept), recipe: 'fast94' };
}

it('a config.yaml from before repeats the training that it was written of', () => {
  const path = join(temporaryFolder(), 'config.yaml');
  writeFileSync(path, `# Repeat this run: cifar train --config <this file>\n${stringify(oldOptions())}`);
  const config = resolveTrainConfig(readConfigFile(path));
  expect(config).toEqual(resolveTrainConfig({ recipe: 'fast94-sgd', seed: 7 }));
});

it('a run.json from before is of the recipe as it is called today, with the options that it had', () => {
  const folder = runFolder(join(temporaryFolder(), 'fast94-s7'));
  const golden = new URL('../golden/runs/0.1.0/run.json', import.meta.url);
  const record = JSON.parse(readFileSync(golden, 'utf8')) as object;
  mkdirSync(folder.path);
  writeFileSync(folder.record, JSON.stringify({ ...record, config: oldOptions() }));
  expect(readRunRecord(folder).config).toEqual(resolveTrainConfig({ recipe: 'fast94-sgd', seed: 7 }));
});

it('a file of fast94 from before it was lengthened is of the recipe as it is called today', () => {
  const before = resolveTrainConfig({ recipe: 'fast94-2026', seed: 7, epochs: 3 });
  expect(resolveTrainConfig(asWritten({ ...before, recipe: 'fast94' }))).toEqual(before);
});

it('a file of fast from before small images came is of the recipe as it is called today, with and without their options', () => {
  const before = resolveTrainConfig({ recipe: 'fast95-muon', seed: 7, epochs: 3 });
  const named = { ...before, recipe: 'fast' as const };
  const older = Object.fromEntries(
    Object.entries(named).filter(([key]) => !NEWER.includes(key as keyof TrainConfig)),
  );
  for (const file of [named, older]) expect(resolveTrainConfig(asWritten(file))).toEqual(before);
});

it('what is given beside it goes before it', () => {
  const config = resolveTrainConfig(asWritten(oldOptions()), { seed: 9, epochs: 3 });
  expect(config).toEqual(resolveTrainConfig({ recipe: 'fast94-sgd', seed: 9, epochs: 3 }));
});

it.each(['fast94', 'fast'] as const)('a file of today means the recipe of today: %s', (recipe) => {
  const config = resolveTrainConfig({ recipe, seed: 7 });
  expect(resolveTrainConfig(asWritten(config))).toEqual(config);
});

it('a file that leaves out what it does not decide means the recipe of today', () => {
  const options: Partial<TrainConfig> = { recipe: 'fast94', seed: 7 };
  expect(asWritten(options)).toBe(options);
});

it('a recipe that kept its name keeps it, and newer options are at their defaults', () => {
  const old = { ...oldOptions(), recipe: 'fast95' } as Partial<TrainConfig>;
  expect(asWritten(old)).toMatchObject({ recipe: 'fast95', imageSizes: 'full', muonDecay: 0 });
});
