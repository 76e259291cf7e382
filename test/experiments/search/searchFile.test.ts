import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSearch } from '../../../src/experiments/search/searchFile.js';
import { beginSearch } from '../../../src/experiments/search/searchRecord.js';
import { trialsOf } from '../../../src/experiments/search/trials.js';
import { temporaryFolder } from '../../helpers/folders.js';

const BASE = 'base: { model: fast-proxy, epochs: 9, validationSplit: 0.1 }';

function fileOf(...lines: string[]): string {
  const path = join(temporaryFolder(), 'rates.yaml');
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('the file of a search', () => {
  it('has a name, rungs and trials by itself', () => {
    const search = readSearch(fileOf(BASE, 'space: { learningRate: [0.1, 0.01], nesterov: [true, false] }'));
    expect(search).toMatchObject({ name: 'rates', method: 'grid', eta: 3, rungs: [1, 3, 9], finalSeeds: 3 });
    expect(trialsOf(search).map(({ run, values }) => [run, values])).toEqual([
      ['rates-0', { learningRate: 0.1, nesterov: true }],
      ['rates-1', { learningRate: 0.1, nesterov: false }],
      ['rates-2', { learningRate: 0.01, nesterov: true }],
      ['rates-3', { learningRate: 0.01, nesterov: false }],
    ]);
  });

  it('draws the same trials from the same seed, within their ranges', () => {
    const lines = [BASE, 'method: random', 'trials: 200', 'seed: 7'];
    const space =
      'space: { learningRate: { from: 1e-4, to: 1, scale: log }, momentum: { from: 0.5, to: 0.9 } }';
    const trials = trialsOf(readSearch(fileOf(...lines, space)));
    expect(trials).toEqual(trialsOf(readSearch(fileOf(...lines, space))));
    const rates = trials.map(({ values }) => values.learningRate as number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    // Each power of ten has as many.
    const below = rates.filter((rate) => rate < 0.01).length;
    expect(below).toBeGreaterThan(80);
    expect(below).toBeLessThan(120);
    for (const { values } of trials) expect(values.momentum).toBeCloseTo(0.7, 0);
  });

  it('spaces the steps of a grid evenly, or by factors', () => {
    const space =
      'space: { learningRate: { from: 0.001, to: 0.1, scale: log, steps: 3 }, momentum: { from: 0.5, to: 0.9, steps: 3 } }';
    const trials = trialsOf(readSearch(fileOf(BASE, space)));
    expect(trials).toHaveLength(9);
    expect([0, 3, 6].map((i) => trials[i].values.learningRate)).toEqual([0.001, 0.01, 0.1]);
    expect([0, 1, 2].map((i) => trials[i].values.momentum)).toEqual([0.5, 0.7, 0.9]);
  });

  it.each<[string, string[], RegExp]>([
    [
      'nothing held out',
      ['base: { epochs: 3 }', 'space: { learningRate: [1] }'],
      /base\.validationSplit: expected a share .* nothing is chosen by the test set/,
    ],
    [
      'an option that is none',
      [BASE, 'space: { learningrate: [1] }'],
      /space\.learningrate is no option of training/,
    ],
    ['a value that is none', [BASE, 'space: { momentum: [2] }'], /space\.momentum: expected a number/],
    [
      'a range that falls',
      [BASE, 'space: { momentum: { from: 0.9, to: 0.1, steps: 2 } }'],
      /space\.momentum: expected a range that rises, got 0\.9 to 0\.1/,
    ],
    [
      'a logarithm of nothing',
      [BASE, 'space: { weightDecay: { from: 0, to: 1, scale: log, steps: 2 } }'],
      /rises, above 0/,
    ],
    [
      'a grid of all numbers',
      [BASE, 'space: { momentum: { from: 0.1, to: 0.9 } }'],
      /give steps beside from and to, or a list/,
    ],
    ['no values', [BASE, 'space: { momentum: [] }'], /expected at least one value, got none/],
    ['lengths', [BASE, 'space: { epochs: [3, 9] }'], /trainings of different lengths/],
    ['seeds', [BASE, 'space: { seed: [1, 2] }'], /seed is decided by the search itself/],
    [
      'rungs that end early',
      [BASE, 'space: { momentum: [0.5] }', 'rungs: [1, 3]'],
      /rise to the full length, 9, got 1, 3/,
    ],
    ['a word that is none', [BASE, 'space: { momentum: [0.5] }', 'trails: 3'], /trails/],
    ['no YAML', ['{'], /Cannot read the search/],
  ])('refuses %s', (_what, lines, message) => {
    expect(() => readSearch(fileOf(...lines))).toThrow(message);
  });
});

it('a search goes on only from the file that it began with', () => {
  const models = temporaryFolder();
  const search = readSearch(fileOf(BASE, 'space: { momentum: [0.5, 0.9] }'));
  beginSearch(models, search);
  beginSearch(models, search);
  const changed = readSearch(fileOf(BASE, 'space: { momentum: [0.5, 0.95] }'));
  expect(() => beginSearch(models, changed)).toThrow(/file of the search rates has changed since it began/);
});
