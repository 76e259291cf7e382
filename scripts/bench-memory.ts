/**
 * The most memory that trainings hold, each in a process of its own: a small part of a recipe, with all sizes of its images, or of a network under
 * `normal` augmentation. Linux only, where the system keeps each process's peak.
 *
 *     npx tsx scripts/bench-memory.ts [--of fast94,fast94-muon,fast,fast95-muon,fast96,bench,deep] [--save]
 *
 * --save keeps the figures in results/memory.json.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveTrainConfig } from '../src/config/resolveTrainConfig.js';
import { CIFAR10 } from '../src/dataset/cifar10.js';
import { ROOT } from './lib/earlierProgram.js';
import { isRecipe, recipeNamed } from './lib/recipeNamed.js';
import { writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    of: { type: 'string', default: 'fast94,fast94-muon,fast,fast95-muon,fast96,bench,deep' },
    save: { type: 'boolean', default: false },
  },
});

/** Enough for each size of images to have had two. */
const STEPS = 7;

/** Of a process, in bytes; 0 once it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'cifar-memory-'));

/** @returns gigabytes */
async function peakTraining(what: string): Promise<number> {
  const { batchSize } = resolveTrainConfig(recipeNamed(what) ?? {});
  const epochs = (STEPS * batchSize) / CIFAR10.trainImages;
  const options = isRecipe(what) ? ['--recipe', what] : ['--model', what, '--augment', 'normal'];
  const child = spawn(
    process.execPath,
    [
      ...['dist/cli.js', 'train', ...options, '--epochs', String(epochs), '--limit-test', '1000'],
      ...['--models-dir', folder, '--name', what],
    ],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 50);
  // A code of null: killed, where there was too little memory for instance.
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(looking);
  if (code !== 0) throw new Error(`The training of ${what} failed.`);
  return rounded(peak / 1e9, 1);
}

try {
  const figures: Record<string, number> = {};
  for (const what of values.of.split(',')) {
    figures[what] = await peakTraining(what);
    console.log(`${what}: ${figures[what]} GB`);
  }
  if (values.save) console.log(writeResults('memory', figures));
} finally {
  rmSync(folder, { recursive: true });
}
