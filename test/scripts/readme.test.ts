import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readmeTable, withTable } from '../../scripts/lib/readmeTable.js';

const root = new URL('../../', import.meta.url).pathname;

it.each([
  ['README.md', 'main', 5],
  ['results/README.md', 'all', 15],
] as const)('%s shows the figures that the files in results/ hold', (path, which, leastRows) => {
  const readme = readFileSync(`${root}${path}`, 'utf8');
  const table = readmeTable(`${root}results`, which);
  expect(table.split('\n').length - 2).toBeGreaterThanOrEqual(leastRows);
  expect(readme).toBe(withTable(readme, table));
});
