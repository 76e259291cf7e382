import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import type { ReproducePlan } from '../../src/experiments/reproducePlan.js';
import { reproduceStatus } from '../../src/experiments/reproduceStatus.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { readRunRecord } from '../../src/runs/runRecord.js';
import { testImages } from '../helpers/data.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { SILENT } from '../helpers/reporter.js';

it(
  'rows that share their first epochs are trained once, and say how far they are',
  { timeout: 240_000 },
  async () => {
    const home = temporaryFolder();
    const modelsDir = join(home, 'models');
    const settings = {
      ...{ epochs: 3, limitTrain: 4, limitTest: 2, batchSize: 2, backend: 'wasm' as const, workers: 0 },
      ...{ dataDir: DATA_DIR, modelsDir },
    };
    const plan: ReproducePlan = {
      ...{ name: 'x', rows: ['deep-step'], settings, passes: 1, members: 1 },
      predictionsDir: join(home, 'predictions'),
    };
    const statusOf = (id: string) => reproduceStatus(plan).find((row) => row.id === id);
    expect(statusOf('deep-step')).toMatchObject({
      status: 'to come',
      epoch: 0,
      epochs: 3,
      secondsLeft: null,
    });

    const drawn: string[] = [];
    const members = {
      member: () => undefined,
      kept: () => undefined,
      pass: () => undefined,
      predicted: () => undefined,
    };
    const options = {
      ...{ dataset: CIFAR10, reporter: SILENT, members, rowStarted: () => undefined },
      drawn: (path: string) => void drawn.push(path),
    };
    await reproduce(plan, testImages(2), options);
    const [normal, step] = ['x-deep-normal', 'x-deep-step'].map((name) => runFolder(join(modelsDir, name)));
    // The rate is lowered after two thirds: until there it is the other row's training, which waits there.
    expect(readRunRecord(normal)).toMatchObject({ status: 'interrupted', last: { epoch: 1 } });
    expect(readRunRecord(step)).toMatchObject({
      status: 'finished',
      forkedFrom: { run: 'x-deep-normal', epoch: 2 },
    });
    expect(statusOf('deep-step')).toMatchObject({ status: 'done', epoch: 3, secondsLeft: 0 });
    expect(statusOf('deep-normal')).toMatchObject({ status: 'interrupted', epoch: 2, epochs: 3 });
    expect(statusOf('deep-normal')?.secondsLeft).toBeGreaterThan(0);
    expect(statusOf('bench-none')).toMatchObject({ status: 'to come', secondsLeft: null });
    expect(drawn).toEqual([]);

    await reproduce({ ...plan, rows: ['deep-normal'] }, testImages(2), options);
    expect(readRunRecord(normal)).toMatchObject({ status: 'finished', last: { epoch: 2 } });
    expect(drawn).toEqual([join(home, 'predictions', 'x', 'deep.png')]);
    expect(existsSync(drawn[0])).toBe(true);
  },
);
