import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHistory } from '../../src/runs/history.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { trainResumed } from '../../src/training/train.js';
import { relativeError } from '../helpers/compare.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { QUIET } from '../helpers/reporter.js';

const GOLDEN = new URL('../golden/runs/0.1.0', import.meta.url).pathname;

interface Epoch {
  trainLoss: number;
  validationLoss: number;
}

/** Two epochs trained by version 0.1.0, which then trained two more: what it wrote of them. */
it('a run begun by the first version goes on as it would have there', async () => {
  const folder = runFolder(join(temporaryFolder(), 'first'));
  cpSync(GOLDEN, folder.path, { recursive: true });
  const outcome = await trainResumed(folder, { epochs: 4, dataDir: DATA_DIR }, QUIET);
  const expected = readFileSync(join(GOLDEN, 'resumed-history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Epoch);
  const losses = (history: readonly { trainLoss: number; validationLoss: number | null }[]) =>
    history.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss ?? NaN]);
  expect(losses(expected)).toHaveLength(8);
  expect(relativeError(losses(readHistory(folder)), losses(expected))).toBeLessThan(1e-6);
  // Its first start left no trace; this one does.
  const { starts } = readRunRecord(folder);
  expect(starts).toHaveLength(1);
  expect(starts[0]).toMatchObject({ epoch: 2, step: 0, backend: 'wasm', precision: 'f32', threads: 1 });
  expect(outcome.record.status).toBe('finished');
});
