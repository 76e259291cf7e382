import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { argMaxRows } from '../evaluation/metrics.js';
import { CifarError } from '../util/errors.js';
import { detailOf } from './detail.js';
import type { Images } from './images.js';
import { neighbourRow } from './neighbourRow.js';
import { nearDuplicates, neighbours } from './neighbours.js';
import type { OpenedRun } from './readRun.js';
import { siteInfo } from './siteFiles.js';
import type { Measures, Part } from './types.js';

export interface ReportContent {
  runs: readonly OpenedRun[];
  /** By the runs' names; those that have no model have none. */
  measures: ReadonlyMap<string, Measures>;
  images: Images;
  dataDir: string;
}

/** Images that a report carries, shared among its runs: some two megabytes. */
const MOST_IMAGES = 600;
/** Of a run's surest mistakes and least sure right answers. */
const MOST_LISTED = 24;
/** Of the pictures of one cell of the confusion matrix. */
const MOST_OF_A_CELL = 24;

/**
 * One HTML file that shows runs as the page does, opens anywhere without a network, and can be mailed.
 * @throws CifarError when the page has not been built
 */
export function reportHtml(content: ReportContent, madeAt: Date): string {
  const { runs, measures, images, dataDir } = content;
  const chosen = imagesOf(content);
  const { classNames } = images.dataset;
  const report = {
    site: {
      ...siteInfo({ kind: 'report', images, dataDir }),
      madeAt: madeAt.toISOString(),
    },
    details: runs.map((run) => detailOf(run, classNames.length)),
    measures: Object.fromEntries(measures),
    images: { test: chosen.test, train: chosen.train },
    pixels: packed(images, chosen),
    neighbours: chosen.neighbours,
    nearDuplicates: nearDuplicates(),
  };
  const { script, style } = builtPage();
  const names = runs.map(({ run }) => run.name).join(', ');
  const policy = [
    "default-src 'none'",
    `script-src ${sumOf(script)}`,
    `style-src ${sumOf(style)}`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${GENERATOR}">
<meta http-equiv="content-security-policy" content="${policy}">
<title>${escaped(names)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This report is a program: allow it to run scripts.</noscript>
<script type="application/json" id="report">${inScript(JSON.stringify(report))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** By which a file is known as one that was written here. */
export const GENERATOR = 'cifar report';

/** Text as HTML holds it. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Nothing in it ends the script that it lies in. */
const inScript = (json: string): string => json.replaceAll('<', '\\u003c');

const sumOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page's program and its style, as `npm run build` makes them. */
function builtPage(): { script: string; style: string } {
  const folder = ['../reportPage/', '../../dist/reportPage/']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (folder === undefined) {
    throw new CifarError('The page has not been built: run npm run build in the folder of the program.');
  }
  const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8');
  // Its text stands within an element of that name.
  return { script: read('report.js').replaceAll('</script', '<\\/script'), style: read('report.css') };
}

interface ChosenImages extends Record<Part, number[]> {
  neighbours: Record<number, number[]>;
}

/** The images that are looked at first, as many as a mail may carry. */
function imagesOf({ measures, images }: ReportContent): ChosenImages {
  const tests = new Set<number>();
  const neighbourhoods: Record<number, number[]> = {};
  const near = neighbours();
  const most = MOST_IMAGES / Math.max(1, measures.size);
  let limit = 0;
  for (const one of measures.values()) {
    limit += most;
    const { listed, others } = ranked(one, images.dataset.classNames.length);
    for (const image of [...listed, ...others]) if (tests.size < limit) tests.add(image);
    for (const image of listed.slice(0, MOST_LISTED)) {
      if (near === undefined) break;
      neighbourhoods[image] = neighbourRow(near, image);
    }
  }
  const isThere = images.set('test') !== undefined;
  return {
    test: isThere ? [...tests] : [],
    train: images.set('train') === undefined ? [] : [...new Set(Object.values(neighbourhoods).flat())],
    neighbours: neighbourhoods,
  };
}

/** A run's images: those of the two lists, then those of the confusion matrix, cell by cell. */
function ranked(
  { logits, labels: packedLabels }: Measures,
  classes: number,
): { listed: number[]; others: number[] } {
  const labels = Buffer.from(packedLabels, 'base64');
  const bytes = Buffer.from(logits, 'base64');
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const answers = argMaxRows(values, classes);
  const margin = (image: number): number => {
    const row = Array.from(values.subarray(image * classes, (image + 1) * classes)).sort((a, b) => b - a);
    const rest = row.slice(1).reduce((sum, value) => sum + Math.exp(value - row[0]), 0);
    return -rest;
  };
  const margins = Float64Array.from(labels, (_, image) => margin(image));
  const all = Array.from(labels, (_, image) => image);
  const wrong = all
    .filter((image) => answers[image] !== labels[image])
    .sort((a, b) => margins[b] - margins[a]);
  const right = all
    .filter((image) => answers[image] === labels[image])
    .sort((a, b) => margins[a] - margins[b]);
  const cells = new Map<number, number>();
  const others = wrong.filter((image) => {
    const cell = labels[image] * classes + answers[image];
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
    return (cells.get(cell) ?? 0) <= MOST_OF_A_CELL;
  });
  return { listed: [...wrong.slice(0, MOST_LISTED), ...right.slice(0, MOST_LISTED)], others };
}

/** Base64 of all bytes, the tests' first, packed by deflate. */
function packed(images: Images, { test, train }: ChosenImages): string {
  const parts = (part: Part, numbers: readonly number[]): Uint8Array[] =>
    numbers.map((number) => images.one(part, number));
  return deflateRawSync(Buffer.concat([...parts('test', test), ...parts('train', train)]), {
    level: 9,
  }).toString('base64');
}
