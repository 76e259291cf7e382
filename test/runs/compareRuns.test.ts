import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveTrainConfig } from '../../src/config/resolveTrainConfig.js';
import type { TrainConfig } from '../../src/config/trainOptions.js';
import { compareRuns } from '../../src/runs/compareRuns.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord, writeRunRecord } from '../../src/runs/runRecord.js';
import { temporaryFolder } from '../helpers/folders.js';

const GOLDEN = new URL('../golden/runs/0.1.0', import.meta.url).pathname;

it('compareRuns lists runs by their starts, with what differs between them', () => {
  const modelsDir = temporaryFolder();
  const add = (name: string, startedAt: string, options: Partial<TrainConfig>): void => {
    const config = resolveTrainConfig({ epochs: 3, limitTrain: 100, modelsDir, ...options });
    const earlier = readRunRecord(runFolder(GOLDEN));
    writeRunRecord(runFolder(join(modelsDir, name)), { ...earlier, startedAt, config });
  };
  add('b', '2026-01-02', { learningRate: 0.01, schedule: 'step' });
  add('a', '2026-01-03', { augment: 'normal' });
  add('c', '2026-01-01', { recipe: 'fast94', batchSize: 50 });
  mkdirSync(join(modelsDir, 'broken'));
  writeFileSync(join(modelsDir, 'broken', 'run.json'), '{');
  const runs = compareRuns(modelsDir);
  expect(runs.map(({ name }) => name)).toEqual(['broken', 'c', 'b', 'a']);
  expect(runs[0]).toMatchObject({ problem: expect.stringMatching(/run\.json/) as string });
  expect(runs.slice(1).map((run) => ('own' in run ? run.own : null))).toEqual([
    { recipe: 'fast94', batchSize: 50 },
    { model: 'bench', augment: 'none', learningRate: 0.01, schedule: 'step' },
    { model: 'bench', augment: 'normal' },
  ]);
});
