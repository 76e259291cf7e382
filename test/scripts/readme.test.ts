import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ArticleRow, articleTable } from '../../scripts/lib/tables/articleTable.js';
import { withTables } from '../../scripts/lib/tables/documents.js';
import { withTable } from '../../scripts/lib/tables/markdown.js';
import { timeTaken } from '../../scripts/lib/tables/recipeResult.js';
import { recordsTable } from '../../scripts/lib/tables/recordsTable.js';
import { stepMinutes } from '../../scripts/lib/tables/stepMinutes.js';
import { temporaryFolder } from '../helpers/folders.js';

const root = new URL('../../', import.meta.url).pathname;

it.each([
  ['README.md', { recipes: 3, speed: 7 }],
  ['results/README.md', { recipes: 4, calibration: 3, speed: 7, figures: 13, records: 10 }],
] as const)('%s shows the figures that the files in results/ hold', (path, leastRows) => {
  const document = readFileSync(`${root}${path}`, 'utf8');
  expect(document).toBe(withTables(document, path, `${root}results`));
  for (const [mark, least] of Object.entries(leastRows)) {
    const table = document.split(`<!-- ${mark}:begin`)[1].split(`<!-- ${mark}:end`)[0];
    expect(table.split('\n').length - 4).toBeGreaterThanOrEqual(least);
  }
});

it('the records stand beside our recipes as the files in results/ hold them, by level', () => {
  const table = recordsTable(`${root}results`);
  const lines = table.split('\n').slice(2);
  const levels = lines.map((line) => Math.round(Number(/(\d\d\.\d\d) %/.exec(line)?.[1])));
  expect(levels).toEqual([...levels].sort());
  expect(new Set(levels)).toEqual(new Set([94, 95, 96]));
  // 476 steps of 1,024 images, and 3 × .2358 GFLOP each.
  expect(lines.find((line) => line.includes('airbench94 '))).toContain('| 0.345 |');
});

it('a time that is not of bf16 with nothing else running says so', () => {
  const ttaAccuracy = 0.94;
  expect(timeTaken({ runs: [{ ttaAccuracy }] }, 348)).toBe('5.8 min');
  const computed = [{ precision: 'bf16' }, { precision: 'bf16' }];
  expect(timeTaken({ runs: [{ ttaAccuracy, computed, othersCores: 0.05 }] }, 348)).toBe('5.8 min');
  const inF32 = { ttaAccuracy, computed: [{ precision: 'f32' }], othersCores: null };
  expect(timeTaken({ runs: [inF32, { ...inF32, othersCores: 1 }] }, 1200)).toBe(
    '20.0 min (f32, shared machine)',
  );
});

it('what a recipe’s steps take alone is looked up by the processor, the newest first', () => {
  const folder = temporaryFolder();
  expect(stepMinutes(folder, 'fast94', 'AMD EPYC')).toBeUndefined();
  const times = (minutes: number): object[] => [{ recipe: 'fast94', minutes, overLast: 1 }];
  const figures = {
    'fast94, auto, AMD EPYC, avx2': times(7),
    'fast94,fast94-muon, auto, AMD EPYC, avx512_core': times(6),
    'fast94, auto, Intel Xeon, avx512_core': times(9),
  };
  writeFileSync(`${folder}/recipe-times.json`, JSON.stringify({ figures }));
  expect(stepMinutes(folder, 'fast94', 'AMD EPYC')).toBe(6);
  expect(stepMinutes(folder, 'fast96', 'AMD EPYC')).toBeUndefined();
});

it('the article’s rows are shown as its file holds them, with their difference', () => {
  const folder = temporaryFolder();
  expect(articleTable(folder)).toBeUndefined();
  const row: ArticleRow = {
    ...{ id: 'bench-none', title: 'bench, no augmentation', published: { loss: 0.8592, accuracy: 0.8439 } },
    ...{ loss: 0.8, accuracy: 0.8339, epochs: 150, seed: 1, precision: 'f32', seconds: 60, petaflop: 6.881 },
    command: 'npx cifar reproduce --rows bench-none',
  };
  writeFileSync(`${folder}/article.json`, JSON.stringify({ figures: { rows: [row] } }));
  expect(articleTable(folder)?.split('\n')[2]).toBe(
    '| bench, no augmentation | 0.859, 84.39 % | 0.800, **83.39 %** | −1.00 | 150 epochs, seed 1, f32, 6.88 PFLOP | `npx cifar reproduce --rows bench-none` |',
  );
  const document = 'a\n<!-- article:begin (x) -->\nold\n<!-- article:end -->\nb';
  expect(withTable(document, 'new', 'article')).toBe(
    'a\n<!-- article:begin (x) -->\nnew\n<!-- article:end -->\nb',
  );
});
