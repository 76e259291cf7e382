/**
 * How quickly commands start: wall times of an earlier commit (set up in a folder of its own) and of the program as it
 * stands here, by turns, on a machine that does nothing else; medians.
 *
 *   npx tsx scripts/bench-start.ts --against <commit> [--rounds 5] [--save]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { writeNpy } from '../src/io/npy.js';
import { Rng } from '../src/util/rng.js';
import { median } from '../src/util/statistics.js';
import { writeResults } from './lib/results.js';
import { ROOT, setUpEarlier } from './lib/earlierProgram.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    save: { type: 'boolean', default: false },
  },
});
if (values.against === undefined) throw new Error('--against: expected a commit to compare with.');

const TRAIN = ['train', '--model', 'fast-proxy', '--limit-train', '100', '--limit-test', '100'];
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  help: ['--help'],
  models: ['models'],
  train: [...TRAIN, '--batch-size', '50', '--epochs', '1'],
  ensemble: ['ensemble'],
  evaluate: ['evaluate', 'kept', '--limit-test', '500'],
};

const folder = mkdtempSync(join(tmpdir(), 'cifar-start-'));
try {
  const earlier = setUpEarlier(values.against, folder);
  const programs = { before: earlier, after: ROOT };
  for (const name of Object.keys(programs)) prepare(join(folder, name));
  const figures: Record<string, { before: number; after: number }> = {};
  for (const [name, args] of Object.entries(COMMANDS)) {
    const seconds: Record<keyof typeof programs, number[]> = { before: [], after: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const side of ['before', 'after'] as const) {
        seconds[side].push(wallTime(programs[side], join(folder, side), args));
      }
    }
    figures[name] = { before: rounded(median(seconds.before), 2), after: rounded(median(seconds.after), 2) };
    console.log(`${name}: ${figures[name].before} s before, ${figures[name].after} s after`);
  }
  if (values.save) console.log(writeResults('start', { against: values.against, seconds: figures }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A working folder with the data, ten prediction arrays and a run. */
function prepare(cwd: string): void {
  mkdirSync(join(cwd, 'predictions'), { recursive: true });
  symlinkSync(join(ROOT, 'data'), join(cwd, 'data'));
  cpSync(join(ROOT, 'models/cifar10-fast96'), join(cwd, 'models/kept'), { recursive: true });
  for (let member = 0; member < 10; member++) {
    const rng = new Rng(1, member);
    const probabilities = new Float32Array(100_000);
    for (let row = 0; row < probabilities.length; row += 10) {
      const shares = Array.from({ length: 10 }, () => rng.next() ** 4);
      const sum = shares.reduce((a, b) => a + b);
      shares.forEach((share, c) => (probabilities[row + c] = share / sum));
    }
    writeNpy(join(cwd, 'predictions', `pred_${member}.npy`), probabilities, [10_000, 10]);
  }
}

function wallTime(program: string, cwd: string, args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(program, 'dist/cli.js'), ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cifar ${args.join(' ')} of ${program} failed: ${stderr}`);
  return (performance.now() - start) / 1000;
}
