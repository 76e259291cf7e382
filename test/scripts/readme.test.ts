import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readmeTable, withTable } from '../../scripts/lib/readmeTable.js';

const root = new URL('../..', import.meta.url).pathname;

it('the README shows the figures that the files in results/ hold', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8');
  const table = readmeTable(`${root}results`);
  expect(table.split('\n').length).toBeGreaterThan(3);
  expect(readme).toBe(withTable(readme, table));
});
