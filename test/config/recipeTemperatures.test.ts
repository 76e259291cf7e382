import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RECIPE_TEMPERATURES } from '../../src/config/recipeTemperatures.js';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import { expectedTemperatures } from '../../src/runs/temperatures.js';

it('the temperatures of the recipes are those that were measured', () => {
  const file = new URL('../../results/calibration.json', import.meta.url);
  const { figures } = JSON.parse(readFileSync(file, 'utf8')) as {
    figures: Record<string, { temperatures: unknown }>;
  };
  const measured = Object.fromEntries(
    Object.entries(figures).map(([name, { temperatures }]) => [name, temperatures]),
  );
  expect(RECIPE_TEMPERATURES).toEqual(measured);
});

it.each([
  ['the recipe itself', {}, 'recipe'],
  ['another seed, other threads, no views', { seed: 9, threads: 1, tta: 'none' }, 'recipe'],
  ['images held out', { validationSplit: 0.2, splitSeed: 3 }, 'recipe'],
  ['another length', { epochs: 3 }, 'nothing'],
  ['fewer images', { limitTrain: 10_000 }, 'nothing'],
] as const)('%s', (_name, options, from) => {
  const config = resolveTrainConfig({ recipe: 'fast94-muon', ...options });
  expect(expectedTemperatures(config).from).toBe(from);
});
