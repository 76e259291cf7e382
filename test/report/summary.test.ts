import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { detailOf } from '../../src/report/detail.js';
import { openRun, summarize } from '../../src/report/readRun.js';
import { runFolders } from '../../src/report/runFolders.js';
import type { ReadableRun } from '../../src/report/types.js';
import { Owner } from '../../src/runs/owner.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { temporaryFolder } from '../helpers/folders.js';
import { plainRun } from '../helpers/plainRuns.js';

it('a run in work has time left, one that nobody trains was killed', () => {
  const folder = plainRun(temporaryFolder(), 'one', {
    ...{ status: 'running', epochs: 1 },
    last: { epoch: 0, loss: 2, accuracy: 0.2 },
  });
  expect(summarize(runFolder(folder))).toMatchObject({ status: 'killed', epochs: 2, epochsTrained: 1 });
  const owner = Owner.acquire(folder);
  // 3 s an epoch, one of two is left; and the history is newer than the record.
  expect(summarize(runFolder(folder))).toMatchObject({ status: 'running', secondsLeft: 3, accuracy: 0.4 });
  owner.release();
});

it('a run that was stopped has the epochs of its record', () => {
  const folder = plainRun(temporaryFolder(), 'one', {
    ...{ status: 'interrupted', epochs: 1 },
    last: { epoch: 0, loss: 2, accuracy: 0.2 },
  });
  const run = summarize(runFolder(folder)) as ReadableRun;
  expect([run.status, run.epochsTrained, run.accuracy]).toEqual(['interrupted', 1, 0.2]);
  expect(run.secondsLeft).toBeUndefined();
});

it('detail says which options are the run’s own, and what trains it again', () => {
  const folder = plainRun(temporaryFolder(), 'one');
  const { options, command, facts, views, history } = detailOf(openRun(runFolder(folder)), 10);
  const own = options.filter(({ isOwn }) => isOwn).map(({ name }) => name);
  expect(own).toEqual(expect.arrayContaining(['model', 'augment', 'batch-size', 'optimizer']));
  expect(own).not.toContain('beta1');
  expect(command).toBe(`npx cifar train --config ${join(folder, 'config.yaml')}`);
  expect(facts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Training time', 'Arithmetic', 'Processor']),
  );
  expect(views).toBe('flip');
  expect(history).toHaveLength(2);
});

it('runs that are being begun are among the runs, other folders and files are not', () => {
  const models = temporaryFolder();
  plainRun(models, 'one');
  plainRun(models, 'two.part');
  writeFileSync(join(models, 'comparison.svg'), '');
  expect([...runFolders(models).keys()]).toEqual(['one', 'cifar10-fast96']);
});
