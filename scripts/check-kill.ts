/**
 * Kills a small training at random moments (its start, steps, validation, saving and drawing among them) and goes on with it
 * until it ends: every time with the bits of one that nobody killed. Then the same with `plot` and `evaluate` beside it.
 *
 *   npx tsx scripts/check-kill.ts [--moments 50] [--seed 1] [--save]
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../src/util/rng.js';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { SMALL, checkWhole, start, traceOf } from './lib/smallRuns.js';

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});
const moments = Number(values.moments);
const folder = mkdtempSync(join(tmpdir(), 'cifar-kill-'));
const data = ['--data-dir', join(ROOT, 'data')];
const train = (name: string) => [...SMALL, ...data, '--epochs', '8', '--name', name];
const run = (name: string): string => join(folder, 'models', name);

/** Kills a run of that name so many times, at moments spread over the time it takes, then lets it end. */
async function killed(name: string, times: number, seconds: number, rng: Rng): Promise<number> {
  let kills = 0;
  for (let i = 0; i < times; i++) {
    const training = start(hasRecord(name) ? ['train', '--resume', name] : train(name), folder);
    const delay = rng.next() * seconds * 1000;
    const timer = setTimeout(() => training.kill(), delay);
    const { code, signal, stderr } = await training.ended;
    clearTimeout(timer);
    checkWhole(run(name));
    if (signal === 'SIGKILL') {
      // Killed before it had a record, it begins anew under its name.
      kills++;
      continue;
    }
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
    return kills;
  }
  const { code, stderr } = await start(hasRecord(name) ? ['train', '--resume', name] : train(name), folder)
    .ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
  return kills;
}

function hasRecord(name: string): boolean {
  return existsSync(join(run(name), 'run.json'));
}

/** Looks at a run again and again until told to stop; what these commands answer matters to nobody here, but no stack. */
function watch(name: string): () => Promise<number> {
  let isOver = false;
  let looks = 0;
  const loop = async (args: readonly string[]): Promise<void> => {
    while (!isOver) {
      const { stderr } = await start(args, folder).ended;
      if (/This is a bug/.test(stderr)) throw new Error(`${args.join(' ')}: ${stderr}`);
      looks++;
    }
  };
  const loops = [
    loop(['plot', name]),
    loop(['evaluate', name, '--backend', 'wasm', '--limit-test', '20', ...data]),
  ];
  return async () => {
    isOver = true;
    await Promise.all(loops);
    return looks;
  };
}

try {
  const began = performance.now();
  const whole = await start(train('whole'), folder).ended;
  if (whole.code !== 0) throw new Error(whole.stderr);
  const seconds = (performance.now() - began) / 1000;
  const expected = traceOf(run('whole'));
  const outcome: Record<string, { kills: number; looks: number; runs: number }> = {};
  for (const beside of ['alone', 'with plot and evaluate beside it']) {
    let kills = 0;
    let looks = 0;
    let runs = 0;
    for (; kills < moments; runs++) {
      const name = `${beside.slice(0, 4)}-${runs}`.trim();
      const rng = new Rng(Number(values.seed), beside.length, runs);
      const stop = beside === 'alone' ? undefined : watch(name);
      kills += await killed(name, Math.min(12, moments - kills), seconds / 2, rng);
      looks += (await stop?.()) ?? 0;
      if (traceOf(run(name)) !== expected)
        throw new Error(`${name} ended otherwise than the run that nobody killed.`);
      console.log(`${beside}: ${kills} kills in ${runs + 1} runs, all with the same bits`);
    }
    outcome[beside] = { kills, looks, runs };
  }
  if (values.save) console.log(writeResults('kill', { seed: Number(values.seed), ...outcome }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
