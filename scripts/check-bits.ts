/**
 * Do two commits of this program train the same weights, bit for bit? Four short runs, each killed once in the middle and
 * resumed, by an earlier commit (set up in a folder of its own) and by the program as it stands here; then every tensor of
 * their checkpoints is compared.
 *
 *   npx tsx scripts/check-bits.ts --against <commit> [--backend name]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSafetensors } from '../src/io/safetensors.js';
import { ROOT, setUpEarlier } from './lib/earlierProgram.js';

const SLICE = ['--limit-train', '300', '--limit-test', '100', '--data-dir', join(ROOT, 'data')];
const RUNS: Readonly<Record<string, readonly string[]>> = {
  bench: ['--model', 'bench', '--augment', 'normal', '--batch-size', '100', '--epochs', '2'],
  deep: [
    '--model',
    'deep',
    '--augment',
    'strong',
    '--batch-size',
    '200',
    '--epochs',
    '2',
    '--schedule',
    'step',
  ],
  'fast94-muon': ['--recipe', 'fast94-muon', '--batch-size', '100', '--epochs', '2.5'],
  fast96: ['--recipe', 'fast96', '--batch-size', '100', '--epochs', '2', '--validate-every', '1'],
};

const { values } = parseArgs({
  options: { against: { type: 'string' }, backend: { type: 'string', default: 'auto' } },
});
if (values.against === undefined) throw new Error('--against: expected a commit to compare with.');
const backend = ['--backend', values.backend];

const folder = mkdtempSync(join(tmpdir(), 'cifar-bits-'));
try {
  const earlier = setUpEarlier(values.against, folder);
  let differences = 0;
  for (const [name, args] of Object.entries(RUNS)) {
    const before = await killedAndResumed(earlier, join(folder, 'before'), name, args);
    const after = await killedAndResumed(ROOT, join(folder, 'after'), name, args);
    const other = [...before].filter(([tensor, sum]) => after.get(tensor) !== sum).map(([tensor]) => tensor);
    const isSame = other.length === 0 && before.size === after.size;
    if (!isSame) differences++;
    const verdict = isSame ? 'equal bit for bit' : `different in ${other.slice(0, 3).join(', ')} …`;
    console.log(
      `${name}: ${before.size} tensors, ${verdict}; all together ${sumOf([...before.values()].join())}`,
    );
  }
  console.log(
    differences === 0 ? 'Same weights.' : `${differences} of ${Object.keys(RUNS).length} runs differ.`,
  );
  process.exitCode = differences === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The sums of a run's tensors at its end, by their names; it is killed as soon as its first epoch is saved. */
async function killedAndResumed(
  program: string,
  cwd: string,
  name: string,
  args: readonly string[],
): Promise<Map<string, string>> {
  execFileSync('mkdir', ['-p', cwd]);
  const cli = join(program, 'dist/cli.js');
  const checkpoint = join(cwd, 'models', name, 'checkpoint.safetensors');
  const child = spawn(process.execPath, [cli, 'train', '--name', name, ...args, ...SLICE, ...backend], {
    cwd,
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  while (!existsSync(checkpoint) && child.exitCode === null) await new Promise((r) => setTimeout(r, 5));
  child.kill('SIGKILL');
  await ended;
  const { status, stderr } = spawnSync(process.execPath, [cli, 'train', '--resume', name], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} was not resumed by ${program}: ${stderr}`);
  const run = JSON.parse(readFileSync(join(cwd, 'models', name, 'run.json'), 'utf8')) as { status: string };
  if (run.status !== 'finished') throw new Error(`${name} ended as ${run.status}.`);
  return new Map([...readSafetensors(checkpoint).tensors].map(([tensor, { data }]) => [tensor, sumOf(data)]));
}

function sumOf(data: string | Float32Array): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
