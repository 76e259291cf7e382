/**
 * What a training loses where another program keeps one core busy, or another training like it both, and which of its own threads have what is
 * left: whole short trainings by the built program, alone, beside a loop and beside each other, in several ways, in turn. Linux only, whose kernel says how long each thread has run.
 *
 *     npx tsx scripts/bench-busy.ts [--nets fast94-muon:250,fast-proxy-muon:100] [--rounds 2] [--save]
 *
 * A net, or a recipe, with its batch. Of each training the second epoch counts, images by the trainer's own clock; validation and what is
 * written at the end of an epoch are the rest of the whole epoch's time. --save keeps the figures in results/busy.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { RECIPES } from '../src/config/recipes.js';
import { median } from '../src/util/statistics.js';
import { ROOT } from './lib/earlierProgram.js';
import { type Figure, writeResults } from './lib/results.js';
import { rounded } from './lib/rounded.js';

const { values } = parseArgs({
  options: {
    nets: { type: 'string', default: 'fast94-muon:250,fast-proxy-muon:100' },
    rounds: { type: 'string', default: '2' },
    save: { type: 'boolean', default: false },
  },
});

/** What a user may set. */
const WAYS = {
  'as it is': { args: [], variables: {} },
  'one thread': { args: ['--threads', '1'], variables: {} },
  'batches in the training thread': { args: ['--workers', '0'], variables: {} },
  "libgomp's own waiting": { args: [], variables: { GOMP_SPINCOUNT: '300000' } },
} as const;
type Way = keyof typeof WAYS;

/** Steps of an epoch. */
const STEPS = 6;
const TICKS_A_SECOND = 100;

interface Measured {
  imagesPerSecond: number;
  /** Processor seconds of each second of the training, by thread, the busiest first: the training's own, OpenMP's, the batches'. */
  cores: number[];
}

/** Processor seconds of each thread of a process so far. */
function threadSeconds(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  });
}

async function train(net: string, batch: number, way: Way): Promise<Measured> {
  const { args, variables } = WAYS[way];
  const models = mkdtempSync(join(tmpdir(), 'cifar-busy-'));
  const program = spawn(
    process.execPath,
    [
      ...['dist/cli.js', 'train', '--json', '--models-dir', models, '--backend', 'onednn', '--epochs', '2'],
      ...(Object.hasOwn(RECIPES, net) ? ['--recipe', net] : ['--model', net, '--augment', 'normal']),
      ...['--batch-size', String(batch), '--limit-train', String(STEPS * batch), '--limit-test', '100'],
      ...args,
    ],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...variables } },
  );
  const { pid, stdout } = program;
  if (pid === undefined) throw new Error('The training could not be started.');
  const seen: { seconds: number[]; at: number }[] = [];
  let imagesPerSecond = NaN;
  for await (const line of createInterface({ input: stdout })) {
    const told = JSON.parse(line) as { epoch?: number; imagesPerSecond?: number };
    if (told.epoch === undefined || told.imagesPerSecond === undefined || seen.length === 2) continue;
    seen.push({ seconds: threadSeconds(pid), at: performance.now() / 1000 });
    imagesPerSecond = told.imagesPerSecond;
  }
  rmSync(models, { recursive: true, force: true });
  if (seen.length !== 2) throw new Error(`${net} (${way}): the training gave ${seen.length} of two epochs.`);
  const [first, second] = seen;
  // Threads that end or begin meanwhile are of no account: they had next to nothing.
  const cores = second.seconds
    .map((seconds, i) => (seconds - (first.seconds[i] ?? 0)) / (second.at - first.at))
    .toSorted((a, b) => b - a)
    .slice(0, 4);
  return { imagesPerSecond, cores };
}

/** A program that wants one core for itself. */
const busy = (): ChildProcess => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });

/** Trainings beside which others run; their own figures, of two at once the mean. */
const BESIDE: Readonly<Record<string, (one: () => Promise<Measured>) => Promise<Measured>>> = {
  alone: (one) => one(),
  'one core busy': async (one) => {
    const other = busy();
    try {
      return await one();
    } finally {
      other.kill('SIGKILL');
    }
  },
  'two at once': async (one) => {
    const [a, b] = await Promise.all([one(), one()]);
    const imagesPerSecond = (a.imagesPerSecond + b.imagesPerSecond) / 2;
    return { imagesPerSecond, cores: a.cores.map((seconds, i) => (seconds + (b.cores[i] ?? 0)) / 2) };
  },
};

const figures: Record<string, Figure> = {};
for (const one of values.nets.split(',')) {
  const [net, batch = '100'] = one.split(':');
  const measured = new Map<string, Measured[]>();
  for (let i = 0; i < Number(values.rounds); i++) {
    for (const way of Object.keys(WAYS) as Way[]) {
      for (const [beside, measure] of Object.entries(BESIDE)) {
        const key = `${way}, ${beside}`;
        const one = await measure(() => train(net, Number(batch), way));
        measured.set(key, [...(measured.get(key) ?? []), one]);
      }
    }
  }
  const rateOf = (key: string): number =>
    median((measured.get(key) ?? []).map(({ imagesPerSecond }) => imagesPerSecond));
  const standard = rateOf('as it is, alone');
  figures[net] = {
    batch: Number(batch),
    ...Object.fromEntries(
      [...measured].map(([key, all]) => [
        key,
        {
          imagesPerSecond: rounded(rateOf(key), 1),
          ofStandard: rounded(rateOf(key) / standard),
          cores: all[0].cores.map((_, i) => rounded(median(all.map(({ cores }) => cores[i] ?? 0)))),
        },
      ]),
    ),
  };
  console.log(net, JSON.stringify(figures[net]));
}
if (values.save) console.log(writeResults('busy', figures));
