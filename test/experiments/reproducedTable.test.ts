import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type TableSettings, readRows, writeRows } from '../../src/experiments/reproducedTable.js';
import { temporaryFolder } from '../helpers/folders.js';

const SETTINGS: TableSettings = {
  settings: { epochs: 3, seed: 1, limitTest: 30, threads: 2, modelsDir: 'models' },
  passes: 2,
  members: 4,
};

function savedTable(): string {
  const path = join(temporaryFolder(), 'reproduce.json');
  const rows = readRows(path, SETTINGS);
  expect(rows).toHaveLength(6);
  expect(rows.every(({ measured }) => measured === undefined)).toBe(true);
  rows[0].measured = { loss: 0.5, accuracy: 0.8 };
  rows[4].measured = { accuracy: 0.9, note: '2 passes' };
  writeRows(path, SETTINGS, rows);
  return path;
}

describe('the table of reproduced rows', () => {
  it('keeps the rows of earlier calls, wherever and however fast they are made now', () => {
    const faster = { ...SETTINGS, settings: { ...SETTINGS.settings, threads: 8, modelsDir: 'elsewhere' } };
    const rows = readRows(savedTable(), faster);
    expect(rows.map(({ measured }) => measured?.accuracy)).toEqual([
      0.8,
      undefined,
      undefined,
      undefined,
      0.9,
      undefined,
    ]);
    expect(rows[0].measured).toEqual({ loss: 0.5, accuracy: 0.8 });
    expect(rows[4].measured?.note).toBe('2 passes');
  });

  it.each<[string, TableSettings]>([
    ['--epochs 3, but 6', { ...SETTINGS, settings: { ...SETTINGS.settings, epochs: 6 } }],
    ['--limit-test 30, but 0', { ...SETTINGS, settings: { ...SETTINGS.settings, limitTest: 0 } }],
    ['--passes 2, but 50', { ...SETTINGS, passes: 50 }],
    ['--members 4, but 10', { ...SETTINGS, members: 10 }],
  ])('refuses %s', (difference, wanted) => {
    const path = savedTable();
    expect(() => readRows(path, wanted)).toThrow(
      `reproduce.json holds rows made with ${difference} is asked for now: give another --name`,
    );
    // Still there for those who ask for the same.
    expect(readRows(path, SETTINGS)[0].measured?.accuracy).toBe(0.8);
  });

  it.each(['{', 'null', '{"members": [], "accuracy": 1}'])('refuses a file that says %s', (text) => {
    const path = join(temporaryFolder(), 'reproduce.json');
    writeFileSync(path, text);
    expect(() => readRows(path, SETTINGS)).toThrow(
      /reproduce\.json is not a table of cifar reproduce \(.+\): give another --name, or remove that file/,
    );
  });
});
