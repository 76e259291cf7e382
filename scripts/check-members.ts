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
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Rng } from '../src/util/rng.js';
import { sha256 } from '../src/util/sha256.js';
import { ROOT } from './lib/earlierProgram.js';
import { writeResults } from './lib/results.js';
import { weightsSum } from './lib/weightsSum.js';

const { values } = parseArgs({
  options: {
    tries: { type: 'string', default: '50' },
    processes: { type: 'string', default: '20' },
    save: { type: 'boolean', default: false },
  },
});
/** Killed in each try, at random moments. */
const KILLS = 6;
/** Of those killed, the share that is at the member just then; the others are any. */
const KILLED_AT_WORK = 0.7;
const ELSEWHERE = 2;
const EPOCHS = 7;
/** Images it trains on, 50 a step, and is tested on. */
const IMAGES = 1000;

const options = [
  ...['benchmark', '--model', 'fast-proxy-muon', '--batch-size', '50', '--augment', 'fast', '--seeds', '1'],
  ...['--epochs', String(EPOCHS), '--limit-train', String(IMAGES), '--limit-test', '100', '--threads', '1'],
  ...['--name', 'one', '--backend', 'onednn', '--data-dir', join(ROOT, 'data'), '--member-index', '0'],
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
  /** Of those, how many were at the member. */
  killedAtWork: number;
  failed: number;
  /** Epochs of the history that are there twice, or missing: those of two trainers at once, or of a lost one. */
  wrongEpochs: number;
  isFinished: boolean;
  /** Whether weights and predictions are, bit for bit, those of a process that was alone and left in peace. */
  isEqual: boolean;
}

const runIn = (folder: string): string => join(folder, 'models/one-s1');

/** Who is at the member: which of the processes, if one of them is. */
function atWork(folder: string, members: readonly Member[]): Member | undefined {
  try {
    const { host, pid } = JSON.parse(readFileSync(join(runIn(folder), 'owner.json'), 'utf8')) as {
      host: string;
      pid: number;
    };
    return members.find((one, number) =>
      one.isElsewhere ? host === `machine-${number}` : one.process.pid === pid && host === hostname(),
    );
  } catch {
    // Nobody is, or somebody is just beginning.
    return undefined;
  }
}

const isAlive = ({ process: one }: Member): boolean => one.exitCode === null && one.signalCode === null;

/** An owner on another machine that has died is gone after minutes without a sign of life: here its file is made old at once. */
function makeOldIfDead(folder: string, members: readonly Member[]): void {
  const owner = atWork(folder, members);
  if (owner?.isElsewhere !== true || isAlive(owner)) return;
  const old = new Date(Date.now() - 600_000);
  try {
    utimesSync(join(runIn(folder), 'owner.json'), old, old);
  } catch {
    // Somebody has taken it over meanwhile.
  }
}

/** Sum of what a finished member left: its weights, and its answers to the test images. */
function sumOf(folder: string): string {
  const answers = readFileSync(join(folder, 'models/one-predictions/pred_1.npy'));
  return `${weightsSum(runIn(folder))} ${sha256(answers)}`;
}

async function attempt(seed: number, processes: number, expected: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-members-'));
  const rng = new Rng(seed, 0);
  const members = Array.from({ length: processes }, (_, number) => begin(folder, number));
  const ageing = setInterval(() => makeOldIfDead(folder, members), 500);
  while (!existsSync(runIn(folder)) && members.some(isAlive)) await setTimeout(50);
  let killed = 0;
  let killedAtWork = 0;
  while (killed < KILLS) {
    await setTimeout(200 + rng.next() * 2500);
    const alive = members.filter(isAlive);
    if (alive.length < 2) break;
    const worker = atWork(folder, members);
    const isAtWork = worker !== undefined && isAlive(worker) && rng.next() < KILLED_AT_WORK;
    (isAtWork ? worker : alive[rng.int(alive.length)]).process.kill('SIGKILL');
    killed++;
    if (isAtWork) killedAtWork++;
  }
  const codes = await Promise.all(members.map(({ ended }) => ended));
  clearInterval(ageing);
  const record = JSON.parse(readFileSync(join(runIn(folder), 'run.json'), 'utf8')) as {
    status: string;
    starts: object[];
  };
  const epochs = readFileSync(join(runIn(folder), 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { epoch: number }).epoch);
  const outcome = {
    starts: record.starts.length,
    ...{ killed, killedAtWork },
    failed: codes.filter((code) => code !== 0 && code !== null && code !== 137).length,
    wrongEpochs: epochs.filter((epoch, i) => epoch !== i).length + Math.abs(EPOCHS - epochs.length),
    isFinished: record.status === 'finished',
    isEqual: sumOf(folder) === expected,
  };
  rmSync(folder, { recursive: true, force: true });
  return outcome;
}

/** What one process leaves that nothing disturbs. */
async function alone(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cifar-members-'));
  await begin(folder, ELSEWHERE).ended;
  const sum = sumOf(folder);
  rmSync(folder, { recursive: true, force: true });
  return sum;
}

const expected = await alone();
const outcomes: Outcome[] = [];
for (let seed = 1; seed <= Number(values.tries); seed++) {
  const outcome = await attempt(seed, Number(values.processes), expected);
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
  killedAtWork: sum(({ killedAtWork }) => killedAtWork),
  starts: sum(({ starts }) => starts),
  failed: sum(({ failed }) => failed),
  wrongEpochs: sum(({ wrongEpochs }) => wrongEpochs),
  equal: outcomes.filter(({ isEqual }) => isEqual).length,
};
console.log(JSON.stringify(figures));
if (values.save) console.log(writeResults('members', figures));
process.exitCode =
  figures.equal === figures.tries &&
  figures.finished === figures.tries &&
  figures.failed === 0 &&
  figures.wrongEpochs === 0
    ? 0
    : 1;
