import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRun, listRuns, newRunFolder } from '../../src/runs/runFolder.js';
import { lastingFolder } from '../helpers/folders.js';

const models = lastingFolder();
mkdirSync(join(models, 'bench-none-s1'));
writeFileSync(join(models, 'bench-none-s1', 'run.json'), '{}');
mkdirSync(join(models, 'not-a-run'));

describe('run folders', () => {
  it('are found by name and by path', () => {
    expect(findRun('bench-none-s1', models).path).toBe(join(models, 'bench-none-s1'));
    expect(findRun(join(models, 'bench-none-s1'), 'elsewhere').name).toBe('bench-none-s1');
    expect(listRuns(models)).toEqual(['bench-none-s1']);
  });

  it('that are not there are named with the nearest', () => {
    expect(() => findRun('bench-none-s2', models)).toThrow(
      /No run "bench-none-s2".*Did you mean "bench-none-s1"\?/,
    );
    expect(() => findRun('quite different', models)).toThrow(/Runs there: bench-none-s1/);
  });

  it('are numbered when the default name is taken', () => {
    expect(newRunFolder(models, undefined, () => 'bench-none-s1').folder.name).toBe('bench-none-s1-2');
    expect(newRunFolder(models, undefined, () => 'fresh').folder.name).toBe('fresh');
  });

  it('never overwrite a run', () => {
    expect(() => newRunFolder(models, 'bench-none-s1', () => 'x')).toThrow(
      /already a run.*--resume bench-none-s1/,
    );
  });

  it.each(['a/b', '..', 'a b', ''])('refuse the name %j', (name) => {
    expect(() => newRunFolder(models, name, () => 'x')).toThrow(/--name: expected letters/);
  });
});
