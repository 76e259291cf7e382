import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HistoryWriter, readHistory } from '../../src/runs/history.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { temporaryFolder } from '../helpers/folders.js';
import { history } from '../plots/support.js';

describe('the history of a run', () => {
  it('grows line by line, and is written anew by whoever goes on', () => {
    const folder = runFolder(join(temporaryFolder(), 'run'));
    expect(readHistory(folder)).toEqual([]);
    const records = history(5);
    const writer = new HistoryWriter(folder);
    for (let epochs = 1; epochs <= 4; epochs++) writer.write(records.slice(0, epochs));
    expect(readHistory(folder)).toEqual(records.slice(0, 4));
    expect(readFileSync(folder.historyCsv, 'utf8').trim().split('\n')).toHaveLength(5);
    // Another start, which repeats the fourth epoch.
    const again = new HistoryWriter(folder);
    again.write(records.slice(0, 3));
    again.write(records);
    expect(readHistory(folder)).toEqual(records);
    expect(readFileSync(folder.historyCsv, 'utf8').trim().split('\n')).toHaveLength(6);
  });

  it('is read up to a line that is being written', () => {
    const folder = runFolder(join(temporaryFolder(), 'run'));
    const records = history(2);
    new HistoryWriter(folder).write(records);
    expect(existsSync(folder.historyJsonl)).toBe(true);
    appendFileSync(folder.historyJsonl, '{"epoch": 2, "trainLo');
    expect(readHistory(folder)).toEqual(records);
  });
});
