/**
 * A search by successive halving beside the same configurations all trained in full: which wins, and what it costs.
 *
 *     npx tsx scripts/check-search.ts [--save]
 *
 * 27 configurations of examples/search.yaml: half an hour of two cores. --save keeps the figures in results/search.json.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import type { BenchmarkResult } from '../src/experiments/benchmark.js';
import { compareMeans } from '../src/experiments/significance.js';
import type { TrialResult } from '../src/experiments/search/rungs.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, writeResults } from './lib/results.js';

const { values } = parseArgs({ options: { save: { type: 'boolean', default: false } } });

/** Trainings are kept there, so that a check that was interrupted goes on. */
const folder = join(tmpdir(), 'cifar-check-search');
mkdirSync(folder, { recursive: true });

interface Found {
  best: string;
  results: TrialResult[];
  final: BenchmarkResult;
}

/** Configurations that were trained a little go on from there when they are trained in full: that has the bits of trainings from the beginning. */
function goOnFromThere(from: string, to: string, count: number): void {
  const runOf = (name: string, i: number): string => join(folder, 'models', `${name}-${i}`);
  for (let i = 0; i < count; i++) {
    if (!existsSync(runOf(to, i))) cpSync(runOf(from, i), runOf(to, i), { recursive: true });
  }
}

/** Searches as the example says, but for its name and its rungs. */
function search(name: string, rungs?: readonly number[]): Found {
  const file = parseDocument(readFileSync(join(ROOT, 'examples/search.yaml'), 'utf8'));
  file.set('name', name);
  if (rungs !== undefined) file.set('rungs', rungs);
  writeFileSync(join(folder, `${name}.yaml`), file.toString());
  const options = ['--data-dir', join(ROOT, 'data'), '--precision', 'f32', '--json'];
  const json = execFileSync(
    process.execPath,
    [join(ROOT, 'dist/cli.js'), 'search', `${name}.yaml`, ...options],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1e9,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return JSON.parse(json) as Found;
}

const figuresOf = ({ results, final }: Found) => ({
  winner: results[0].values,
  heldOutAccuracy: results[0].accuracy,
  petaflop: results.reduce((sum, { petaflop }) => sum + petaflop, 0),
  diverged: results.filter(({ status }) => status === 'diverged').length,
  final: final.ttaAccuracy,
});
const accuraciesOf = ({ final }: Found): number[] => final.runs.map(({ ttaAccuracy }) => ttaAccuracy);

const halving = search('halving');
goOnFromThere('halving', 'full', halving.results.length);
const full = search('full', [9]);
const placeOf = (wanted: object): number =>
  full.results.findIndex((one) => JSON.stringify(one.values) === JSON.stringify(wanted)) + 1;
const outcome = {
  configurations: full.results.length,
  halving: figuresOf(halving),
  full: figuresOf(full),
  /** Of halving’s winner, among all trained in full. */
  place: placeOf(halving.results[0].values),
  shareOfArithmetic: figuresOf(halving).petaflop / figuresOf(full).petaflop,
  difference: compareMeans(accuraciesOf(halving), accuraciesOf(full)),
};
const figures = JSON.parse(JSON.stringify(outcome)) as Figure;
console.log(JSON.stringify(figures, null, 2));
if (values.save) console.log(writeResults('search', figures));
