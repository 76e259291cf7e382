/**
 * Twenty processes at once at one member of a benchmark, many times over, some killed without warning, some on machines of other names: never do two
 * train it at a time, nothing is lost, and it is always finished in the end.
 *
 *     npx tsx scripts/check-members.ts [--tries 50] [--processes 20] [--save]
 *
 * Two of the processes are in namespaces with other host names and process numbers (unshare, as root), as if on other machines that share the
 * folder. --save keeps the figures in results/members.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Rng } from '../src/util/rng.js';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';

const { values } = parseArgs({
  options: {
    tries: { type: 'string', default: '50' },
    processes: { type: 'string', default: '20' },
    save: { type: 'boolean', default: false },
  },
});
/** Killed in each try, at random moments, whoever they are. */
const KILLS = 3;
const ELSEWHERE = 2;
const EPOCHS = 4;

const options = [
  ...['benchmark', '--model', 'fast-proxy-muon', '--batch-size', '50', '--augment', 'fast', '--seeds', '1'],
  ...[
    '--epochs',
    String(EPOCHS),
    '--limit-train',
    '400',
    '--limit-test',
    '100',
    '--threads',
    '1',
    '--name',
    'one',
  ],
  ...['--backend', 'onednn', '--data-dir', join(ROOT, 'data'), '--member-index', '0'],
];

interface Member {
  process: ChildProcess;
  ended: Promise<number | null>;
  isElsewhere: boolean;
}

/** Processes share a core: most of them wait. */
function begin(folder: string, number: number): Member {
  const isElsewhere = number < ELSEWHERE;
  const program = [process.execPath, join(ROOT, 'dist/cli.js'), ...options];
  const script = `hostname machine-${number} && exec "$@"`;
  const [first, ...rest] = isElsewhere
    ? ['unshare', '--uts', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', ...program]
    : program;
  const child = spawn(first, rest, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const ended = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      if (code !== null && code !== 0 && code !== 137)
        console.log(errors.trim().split('\n').slice(-3).join('\n'));
      resolve(code);
    }),
  );
  return { process: child, ended, isElsewhere };
}

interface Outcome {
  starts: number;
  killed: number;
  failed: number;
  /** Epochs of the history that are there twice, or missing: those of two trainers at once, or of a lost one. */
  wrongEpochs: number;
  isFinished: boolean;
}

async function attempt(seed: number, processes: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-members-'));
  const rng = new Rng(seed, 0);
  const members = Array.from({ length: processes }, (_, number) => begin(folder, number));
  const run = join(folder, 'models/one-s1');
  let isOver = false;
  // An owner on another machine that has died is gone after minutes without a sign of life: here its file is made old at once.
  const ageing = (async () => {
    while (!isOver) {
      await setTimeout(500);
      const owner = join(run, 'owner.json');
      const dead = members.filter((one) => one.isElsewhere && one.process.exitCode !== null);
      try {
        const { host } = JSON.parse(readFileSync(owner, 'utf8')) as { host: string };
        const isDead = dead.some((one) => host === `machine-${members.indexOf(one)}`);
        if (isDead || (host.startsWith('machine-') && dead.length === ELSEWHERE)) {
          const old = new Date(Date.now() - 600_000);
          if (Date.now() - statSync(owner).mtimeMs > 1000) utimesSync(owner, old, old);
        }
      } catch {
        // Nobody is at it, or somebody is just beginning.
      }
    }
  })();
  let killed = 0;
  for (let i = 0; i < KILLS; i++) {
    await setTimeout(1000 + rng.next() * 5000);
    const alive = members.filter(({ process: one }) => one.exitCode === null && one.signalCode === null);
    if (alive.length < 2) break;
    alive[rng.int(alive.length)].process.kill('SIGKILL');
    killed++;
  }
  const codes = await Promise.all(members.map(({ ended }) => ended));
  isOver = true;
  await ageing;
  const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
    status: string;
    starts: object[];
  };
  const epochs = readFileSync(join(run, 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { epoch: number }).epoch);
  const outcome = {
    starts: record.starts.length,
    killed,
    failed: codes.filter((code) => code !== 0 && code !== null && code !== 137).length,
    wrongEpochs: epochs.filter((epoch, i) => epoch !== i).length + Math.abs(EPOCHS - epochs.length),
    isFinished: record.status === 'finished' && existsSync(join(folder, 'models/one-predictions/pred_1.npy')),
  };
  rmSync(folder, { recursive: true, force: true });
  return outcome;
}

const outcomes: Outcome[] = [];
for (let seed = 1; seed <= Number(values.tries); seed++) {
  const outcome = await attempt(seed, Number(values.processes));
  outcomes.push(outcome);
  console.log(`${seed}: ${JSON.stringify(outcome)}`);
}
const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, one) => total + of(one), 0);
const figures = {
  tries: outcomes.length,
  processes: Number(values.processes),
  elsewhere: ELSEWHERE,
  finished: outcomes.filter(({ isFinished }) => isFinished).length,
  killed: sum(({ killed }) => killed),
  starts: sum(({ starts }) => starts),
  failed: sum(({ failed }) => failed),
  wrongEpochs: sum(({ wrongEpochs }) => wrongEpochs),
};
console.log(JSON.stringify(figures));
if (values.save) console.log(writeResults('members', figures));
process.exitCode =
  figures.finished === figures.tries && figures.failed === 0 && figures.wrongEpochs === 0 ? 0 : 1;
