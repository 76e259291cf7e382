import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { CIFAR10 } from '../../src/dataset/cifar10.js';
import { loadTest } from '../../src/dataset/load.js';
import { evaluationOf } from '../../src/evaluation/evaluate.js';
import { Images } from '../../src/report/images.js';
import { openRun } from '../../src/report/readRun.js';
import { reportHtml } from '../../src/report/reportHtml.js';
import type { Measures } from '../../src/report/types.js';
import { writeReport } from '../../src/report/writeReport.js';
import { runFolder } from '../../src/runs/runFolder.js';
import { Rng } from '../../src/util/rng.js';
import { DATA_DIR, temporaryFolder } from '../helpers/folders.js';
import { plainRecord, plainRun } from '../helpers/plainRuns.js';

const ALL = { test: Infinity, train: Infinity };

/** Answers of a network that is right about half of the time. */
function someMeasures(): Measures {
  const { labels, dataset } = loadTest(CIFAR10, { dataDir: DATA_DIR });
  const rng = new Rng(1, 0);
  const logits = Float32Array.from({ length: labels.length * 10 }, () => rng.uniform(-1, 1));
  labels.forEach((label, image) => (logits[image * 10 + label] += 0.9));
  const temperatures = { single: 1.5, views: 1, ensemble: 1, from: 'held-out images' } as const;
  return {
    ...{ weights: 'last', backend: 'none', averages: [] },
    evaluation: evaluationOf(logits, { labels, dataset }, temperatures),
    logits: Buffer.from(logits.buffer).toString('base64'),
    labels: Buffer.from(labels).toString('base64'),
  };
}

interface Carried {
  site: { kind: string; madeAt: string };
  details: { run: { name: string }; diagnosis?: string }[];
  measures: Record<string, Measures>;
  images: { test: number[]; train: number[] };
  pixels: string;
  neighbours: Record<string, number[]>;
}

/** What a report carries for its page. */
function carriedBy(html: string): Carried {
  const [, text] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(text) as Carried;
}

it('is one file of at most 5 MB, with the images that are looked at first', () => {
  const models = temporaryFolder();
  const runs = [openRun(runFolder(plainRun(models, 'half')))];
  const measures = new Map([['half', someMeasures()]]);
  const html = reportHtml(
    { runs, measures, images: new Images(CIFAR10, DATA_DIR, ALL), dataDir: DATA_DIR },
    new Date('2026-11-27T12:00:00Z'),
  );
  expect(Buffer.byteLength(html)).toBeLessThan(5e6);
  const { site, images, pixels, neighbours, measures: kept } = carriedBy(html);
  expect(site).toMatchObject({ kind: 'report', madeAt: '2026-11-27T12:00:00.000Z' });
  expect(kept.half.evaluation.accuracy).toBe(measures.get('half')?.evaluation.accuracy);
  expect(images.test.length).toBe(600);
  const bytes = inflateRawSync(Buffer.from(pixels, 'base64'));
  expect(bytes.length).toBe((images.test.length + images.train.length) * 3072);
  const test = loadTest(CIFAR10, { dataDir: DATA_DIR });
  const third = images.test[2];
  expect(
    bytes.subarray(2 * 3072, 3 * 3072).equals(test.images.subarray(third * 3072, (third + 1) * 3072)),
  ).toBe(true);
  for (const near of Object.values(neighbours)) {
    for (const number of near) expect(images.train).toContain(number);
  }
});

it('runs no script but its own, and asks nobody for anything', () => {
  const folder = plainRun(temporaryFolder(), 'quiet');
  const html = reportHtml(
    {
      runs: [openRun(runFolder(folder))],
      measures: new Map(),
      images: new Images(CIFAR10, DATA_DIR, ALL),
      dataDir: DATA_DIR,
    },
    new Date(),
  );
  const [, policy] = /content-security-policy" content="([^"]*)"/.exec(html) ?? [];
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; img-src data: blob:;/,
  );
  const [, script] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  expect(policy).toContain(createHash('sha256').update(script).digest('base64'));
  const [, style] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
  expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
  expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
});

it('takes names, classes and settings for text', () => {
  const models = temporaryFolder();
  const name = '<img src=x onerror=alert(1)>';
  const config = { ...(plainRecord().config as object), dataDir: '</script><script>alert(1)</script>' };
  const html = reportHtml(
    {
      runs: [openRun(runFolder(plainRun(models, name, { config })))],
      measures: new Map(),
      images: new Images(
        { ...CIFAR10, classNames: ['<b>plane</b>', ...CIFAR10.classNames.slice(1)] },
        DATA_DIR,
        ALL,
      ),
      dataDir: DATA_DIR,
    },
    new Date(),
  );
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  expect(html).not.toMatch(/<img|<b>plane/);
  const { details } = carriedBy(html);
  expect(details[0].run.name).toBe(name);
});

it('says what is missing, and is written all the same', async () => {
  const models = temporaryFolder();
  const folder = runFolder(plainRun(models, 'alone'));
  const out = join(models, 'report.html');
  const notes: string[] = [];
  const size = await writeReport(out, [folder], {
    ...{ dataset: CIFAR10, dataDir: join(models, 'nowhere'), limitTest: 0, predictionsDir: models },
    ...{ engine: { backend: 'wasm', precision: 'auto', threads: 0 }, note: (line) => notes.push(line) },
  });
  expect(notes).toEqual([expect.stringMatching(/data set is not here.*cifar download/)]);
  expect(readFileSync(out).length).toBe(size);
  expect(carriedBy(readFileSync(out, 'utf8')).measures).toEqual({});
});

it('leaves nothing where a run cannot be read', async () => {
  const models = temporaryFolder();
  const folder = plainRun(models, 'broken');
  writeFileSync(join(folder, 'history.jsonl'), '{"epoch": 0}\n');
  const out = join(models, 'out', 'report.html');
  const options = {
    ...{ dataset: CIFAR10, dataDir: DATA_DIR, limitTest: 0, predictionsDir: models, note: () => undefined },
    engine: { backend: 'wasm', precision: 'auto', threads: 0 } as const,
  };
  await expect(writeReport(out, [runFolder(folder)], options)).rejects.toThrow(
    /history\.jsonl is damaged: line 1/,
  );
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(models)).toEqual(['broken']);
});
