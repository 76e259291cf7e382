import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import type { SiteInfo } from '../../src/report/types.js';
import { exportSite } from '../../src/serve/exportSite.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { plainRun } from '../helpers/plainRuns.js';

const options = {
  ...{ dataset: CIFAR10, dataDir: DATA_DIR, predictionsDir: 'predictions', limitTest: 100, images: 150 },
  engine: { backend: 'wasm', precision: 'auto', threads: 0 } as const,
  note: () => undefined,
};

it('writes the page with the network that comes with the program, and a slice of the data', async () => {
  const folder = temporaryFolder();
  const site = join(folder, 'site');
  const { files } = await exportSite(site, { ...options, modelsDir: folder, runs: [] });
  const info = JSON.parse(readFileSync(join(site, 'site.json'), 'utf8')) as SiteInfo;
  expect(info).toMatchObject({ kind: 'folder', images: { test: 150, train: 150 } });
  expect(readFileSync(join(site, 'images/train/1.bin')).length).toBe(50 * 3072);
  expect(existsSync(join(site, 'images/train/2.bin'))).toBe(false);
  expect(existsSync(join(site, 'runs/cifar10-fast96/last/model.json'))).toBe(true);
  const measures = JSON.parse(readFileSync(join(site, 'runs/cifar10-fast96/measures.json'), 'utf8')) as {
    evaluation: { images: number; accuracy: number };
  };
  expect(measures.evaluation.images).toBe(100);
  expect(measures.evaluation.accuracy).toBeGreaterThan(0.9);
  expect(
    readdirSync(site, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()),
  ).toHaveLength(files);
  expect(readdirSync(folder)).toEqual(['site']);
  // What it has written it writes anew.
  await exportSite(site, { ...options, images: 50, modelsDir: folder, runs: [] });
  expect(existsSync(join(site, 'images/train/1.bin'))).toBe(false);
}, 180_000);

it('takes no other folder’s place, and needs a model', async () => {
  const folder = temporaryFolder();
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'mine.txt'), 'mine');
  const wanted = { ...options, modelsDir: folder, runs: [] };
  await expect(exportSite(other, wanted)).rejects.toThrow(/is no exported page: give another folder/);
  expect(readdirSync(other)).toEqual(['mine.txt']);
  plainRun(folder, 'untrained');
  await expect(exportSite(join(folder, 'site'), { ...wanted, runs: ['untrained'] })).rejects.toThrow(
    /has no model yet/,
  );
  expect(existsSync(join(folder, 'site'))).toBe(false);
});
